package highhelp

import (
	"net/http"
	"slices"
	"strings"
)

// verdict is what an HTTP status means. A nil kind is an answer to be read.
type verdict struct {
	kind  error
	retry bool // for calls that only read
}

// judge is the one place where an HTTP status gets its meaning.
func judge(status int) verdict {
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

// judgeText refines judge for the statuses that can mean an unknown payin; how
// HighHelp says that is open, so the text is read leniently. asksPayin is true where
// the call asks for the state of one payin: nothing else can be unknown.
func judgeText(status int, body []byte, asksPayin bool) verdict {
	v := judge(status)
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if object, _ := parseObject(body); asksPayin && missingOf(object) == missingPayin {
			return verdict{kind: ErrNotFound}
		}
	case http.StatusNotFound:
		object, err := parseObject(body)
		switch found := missingOf(object); {
		case err != nil:
			// A proxy's page or a wrong path must not make payins unknown. Proxies show
			// such pages while the service behind them restarts: worth repeating.
			return verdict{kind: ErrUnreachable, retry: true}
		case found == missingRoute:
			return verdict{kind: ErrUnreachable} // the base URL is wrong, and stays so
		case !asksPayin || found == missingOther:
			return verdict{kind: ErrRefused}
		}
	}
	return v
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
	notFoundWords = []string{"not found", "not_found", "notfound", "not be found", "unknown payment", "unknown payin", "does not exist", "doesn't exist", "no such pay", "cannot post", "no route"}
	routeWords    = []string{"route", "cannot post", "endpoint", "/api/", "api/v1"}
	otherWords    = []string{"project", "merchant", "register", "cashbox", "terminal", "token", "signature", "key", "currency", "method", "customer", "account", "page", "url"}
	payinWords    = []string{"pay", "application", "order", "transaction"}
)

// missingOf reads every string of an answer. A plain "not found" is about the payin
// that was asked for; one that names something else is about that, and wins.
func missingOf(object value) missing {
	found := missingNothing
	eachString(object, func(text string) {
		switch text = strings.ToLower(text); {
		case !has(text, notFoundWords):
		case has(text, routeWords): // a path names payin too
			found = max(found, missingRoute)
		case has(text, otherWords) && !has(text, payinWords):
			found = max(found, missingOther)
		default:
			found = max(found, missingPayin)
		}
	})
	return found
}

func has(text string, words []string) bool {
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
