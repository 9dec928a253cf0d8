package highhelp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// verdict is the meaning of an HTTP status. If kind is nil, the answer has a result to read.
type verdict struct {
	kind  error
	retry bool // the call may be retried if it only reads
}

// classifyStatus returns the meaning of an HTTP status. Every HTTP status is interpreted by this function first.
func classifyStatus(status int) verdict {
	switch {
	case status >= 200 && status <= 299:
		return verdict{}
	case status >= 300 && status <= 399:
		// Following a redirect would send the signature to another host. A retry would get the same redirect.
		return verdict{kind: ErrUnreachable}
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return verdict{kind: ErrUnauthorized}
	case status == http.StatusNotFound:
		return verdict{kind: ErrNotFound}
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return verdict{kind: ErrUnreachable, retry: true}
	case status >= 400 && status <= 499:
		return verdict{kind: ErrRefused}
	default: // 5xx and invalid codes
		return verdict{kind: ErrUnreachable, retry: true}
	}
}

// judgeAnswered returns the meaning of an answer. Unlike classifyStatus, judgeAnswered also reads the body of a 4xx. A
// body that is not JSON comes from a proxy or firewall, and a retry would not help. HighHelp does not document how it
// reports an unknown payin, so several texts are accepted. Only a call that reads one payin (asksPayin) can have the
// result "not found". The error describes a body that did not come from HighHelp.
func judgeAnswered(status int, header http.Header, body []byte, asksPayin bool) (verdict, error) {
	v := classifyStatus(status)
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
			return verdict{kind: ErrUnreachable}, nil // the base URL is wrong, so a retry would not help
		case !asksPayin || found == missingOther:
			return verdict{kind: ErrRefused}, nil
		}
	}
	return v, nil
}

// missing is the kind of object that an answer reports as not found, such as a payin or a route.
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

// missingOf searches all strings of an answer. A plain "not found" refers to the payin of the call. A text that names
// something else, such as a route, takes precedence.
func missingOf(object value) missing {
	found := missingNothing
	eachString(object, func(text string) {
		switch text = strings.ToLower(text); {
		case !containsAny(text, notFoundWords):
		case containsAny(text, routeWords): // checked before payins, because the path of a route may also contain "pay"
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
