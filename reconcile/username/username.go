// Package username checks the names of users. The audit log shows the names, so people must be able
// to distinguish the names.
package username

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which names are compared. This form is Unicode's NFKC in lower case.
func Fold(name string) string { return strings.ToLower(norm.NFKC.String(name)) }

// Check returns a user's name in the stored form (NFKC). The error says what is wrong with the name.
func Check(name string) (string, error) {
	name = norm.NFKC.String(name)
	has := func(scripts ...*unicode.RangeTable) bool {
		return strings.ContainsFunc(name, func(c rune) bool { return unicode.In(c, scripts...) })
	}
	switch {
	case has(unicode.Latin) && has(unicode.Cyrillic, unicode.Greek):
		return "", fmt.Errorf("%q is not a valid user name: it mixes letters of two alphabets that look alike", name)
	case name == "":
		return "", errors.New("the user name is empty")
	case utf8.RuneCountInString(name) > 100:
		return "", errors.New("the user name has more than 100 characters")
	case strings.TrimSpace(name) != name || strings.Contains(name, ":") || !utf8.ValidString(name):
		return "", fmt.Errorf("%q is not a valid user name: remove colons, and spaces at the beginning and end", name)
	case strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }):
		return "", fmt.Errorf("%q is not a valid user name: it contains an invisible character", name)
	}
	return name, nil
}
