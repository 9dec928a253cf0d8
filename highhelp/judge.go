package highhelp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// verdict is what an HTTP status means. A nil kind is an answer to be read.
type verdict struct {
	kind  error
	retry bool // for calls that only read
}

// judgeStatus is the one place where an HTTP status gets its meaning.
func judgeStatus(status int) verdict {
	switch {
	case status >= 200 && status <= 299:
		return verdict{}
	case status >= 300 && status <= 399:
		// A redirect would take the signature to another host; and it stays one when repeated.
		return verdict{kind: ErrUnreachable}
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return verdict{kind: ErrUnauthorized}
	case status == http.StatusNotFound:
		return verdict{kind: ErrNotFound}
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return verdict{kind: ErrUnreachable, retry: true}
	case status >= 400 && status <= 499:
		return verdict{kind: ErrRefused}
	default: // 5xx, and what no gateway sends
		return verdict{kind: ErrUnreachable, retry: true}
	}
}

// judgeAnswered refines judge by what a 4xx says. One that is not JSON is not HighHelp's: a proxy or firewall answered,
// and does so again. How HighHelp says that it does not know a payin is open, so that text is read leniently. asksPayin
// is true if the call asks for the state of one payin: nothing else can be unknown. The cause comes with a body that is
// not what HighHelp would send.
func judgeAnswered(status int, header http.Header, body []byte, asksPayin bool) (verdict, error) {
	v := judgeStatus(status)
	if status < 400 || status > 499 || v.retry {
		return v, nil
	}
	object, err := parseObject(body)
	if mitigated := header.Get("Cf-Mitigated"); mitigated != "" {
		err = fmt.Errorf("cf-mitigated: %s: %w", truncate(mitigated), errNoJSON)
	}
	if errors.Is(err, errNoJSON) {
		return verdict{kind: ErrUnreachable}, newDetail("call.proxy", errNoJSON,
			"a proxy or firewall answered, not HighHelp: %s", err.Error())
	}
	found := missingOf(object)
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if asksPayin && found == missingPayin {
			return verdict{kind: ErrNotFound}, nil
		}
	case http.StatusNotFound:
		switch {
		case err != nil:
			return verdict{kind: ErrMalformed}, err
		case found == missingRoute:
			return verdict{kind: ErrUnreachable}, nil // the base URL is wrong, and stays so
		case !asksPayin || found == missingOther:
			return verdict{kind: ErrRefused}, nil
		}
	}
	return v, nil
}

// missing is what a text says cannot be found.
type missing int

const (
	missingNothing missing = iota
	missingPayin
	missingOther
	missingRoute
)

var (
	notFoundWords = []string{"not found", "not_found", "notfound", "not be found", "unknown payment", "unknown payin",
		"does not exist", "doesn't exist", "no such pay", "cannot post", "no route"}
	routeWords = []string{"route", "cannot post", "endpoint", "/api/", "api/v1"}
	otherWords = []string{"project", "merchant", "register", "cashbox", "terminal", "token", "signature", "key",
		"currency", "method", "customer", "account", "page", "url"}
	payinWords = []string{"pay", "application", "order", "transaction"}
)

// missingOf reads every string of an answer. A plain "not found" is about the payin
// that was asked for; one that names something else is about that, and wins.
func missingOf(object value) missing {
	found := missingNothing
	eachString(object, func(text string) {
		switch text = strings.ToLower(text); {
		case !containsAny(text, notFoundWords):
		case containsAny(text, routeWords): // a path names payin too
			found = max(found, missingRoute)
		case containsAny(text, otherWords) && !containsAny(text, payinWords):
			found = max(found, missingOther)
		default:
			found = max(found, missingPayin)
		}
	})
	return found
}

func containsAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

func eachString(v value, do func(string)) {
	if v.kind == kindText {
		do(v.text)
	}
	for _, m := range v.members {
		eachString(m.value, do)
	}
}
