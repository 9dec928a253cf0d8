package sandbox

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxAmount       = 10_000_000_000_000 // in minor units
	minLifetime     = 300                // in seconds
	maxLifetime     = 600
	defaultLifetime = 600
)

// A rule checks the value of one field. It returns a description of the error, or "" if the value is valid.
type rule func(value any) string

// A form lists the documented fields of an endpoint's request body, with their limits.
type form struct {
	required []string
	rules    map[string]rule
}

var general = map[string]rule{
	"general:project_id": uuid,
	"general:payment_id": text(255),
}

var fields = map[string]form{
	EndpointBalance: {
		required: []string{"general:project_id"},
		rules:    map[string]rule{"general:project_id": uuid},
	},
	EndpointInfo: {
		required: []string{"general:project_id", "general:payment_id"},
		rules:    general,
	},
	EndpointCreate: {
		required: []string{"general:project_id", "general:payment_id", "payment:amount", "payment:currency", "customer:id"},
		rules: map[string]rule{
			"general:project_id":                    uuid,
			"general:payment_id":                    text(255),
			"general:merchant_callback_url":         link,
			"general:merchant_success_callback_url": link,
			"general:merchant_decline_callback_url": link,
			"general:redirect_url":                  link,
			"payment:amount":                        whole(1, maxAmount),
			"payment:currency":                      pattern(`^[A-Z]{3}$`),
			"payment:lifetime":                      whole(minLifetime, maxLifetime),
			"payment:description":                   text(255),
			"payment:extra_param":                   pattern(`^[A-Za-z0-9_-]{1,16}$`),
			"payment:widget_method":                 text(32),
			"sender:bank_symbol":                    text(32),
			"customer:id":                           text(255),
			"customer:ip_address":                   text(255),
			"customer:country":                      pattern(`^[A-Z]{2}$`),
			"customer:language":                     pattern(`^[a-z]{2}$`),
			"customer:customer_type":                pattern(`^(ftd|trust)$`),
			"customer:email":                        text(255),
		},
	},
}

// validate lists all errors in the fields of a body. validate returns "" if all fields are valid. A null counts as
// missing. An undocumented field is an error, because the name of the field is probably a typing mistake.
func (f form) validate(found []leaf) string {
	var problems []string
	given := map[string]bool{}
	for _, l := range found {
		name := strings.ReplaceAll(l.path, ":", ".")
		check, known := f.rules[l.path]
		switch {
		case !known:
			problems = append(problems, fmt.Sprintf("field %.100s is unknown", name))
		case l.value != nil:
			given[l.path] = true
			if problem := check(l.value); problem != "" {
				problems = append(problems, "field "+name+" "+problem)
			}
		}
	}
	for _, path := range f.required {
		if !given[path] {
			problems = append(problems, "field "+strings.ReplaceAll(path, ":", ".")+" is missing")
		}
	}
	return strings.Join(problems, "; ")
}

func asText(check func(string) string) rule {
	return func(value any) string {
		text, ok := value.(string)
		if !ok {
			return "is not a string"
		}
		return check(text)
	}
}

// text returns a rule that limits the number of characters.
func text(limit int) rule {
	return asText(func(text string) string {
		if text == "" {
			return "is empty"
		}
		if n := utf8.RuneCountInString(text); n > limit {
			return fmt.Sprintf("has %d characters, more than %d", n, limit)
		}
		return ""
	})
}

func pattern(expression string) rule {
	compiled := regexp.MustCompile(expression)
	return asText(func(text string) string {
		if !compiled.MatchString(text) {
			return "does not match " + expression
		}
		return ""
	})
}

func whole(least, most int64) rule {
	return func(value any) string {
		number, ok := value.(json.Number)
		if !ok {
			return "is not a number"
		}
		n, err := strconv.ParseInt(number.String(), 10, 64)
		if err != nil || n < least || n > most {
			return fmt.Sprintf("is not a whole number from %d to %d", least, most)
		}
		return ""
	}
}

var uuid = asText(func(text string) string {
	if !isUUID(text) {
		return "is not a UUID"
	}
	return ""
})

// link is a rule that requires an https URL, as HighHelp does. For developers, link also allows http
// URLs of loopback addresses.
var link = asText(func(text string) string {
	if len(text) > 2048 {
		return "is longer than 2048 characters"
	}
	parsed, err := url.Parse(text)
	if err == nil && parsed.Host != "" && (parsed.Scheme == "https" || parsed.Scheme == "http" &&
		isLoopback(parsed.Hostname())) {
		return ""
	}
	return "is not an https URL"
})

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
