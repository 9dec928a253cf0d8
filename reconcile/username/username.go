// Package username tells which names users can have: they stand in the audit log, and people must be able to tell them
// apart.
package username

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check says what is wrong with a user's name.
func Check(name string) error {
	switch {
	case name == "":
		return errors.New("a user needs a name")
	case utf8.RuneCountInString(name) > 100:
		return errors.New("a user's name has at most 100 characters")
	case strings.TrimSpace(name) != name || strings.Contains(name, ":") || !utf8.ValidString(name):
		return fmt.Errorf("%q is no user's name: no colon, and no space at its ends", name)
	}
	for _, c := range name {
		if !unicode.IsPrint(c) {
			return fmt.Errorf("%q is no user's name: it has a character that cannot be seen", name)
		}
	}
	return nil
}
