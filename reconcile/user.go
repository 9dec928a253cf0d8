package reconcile

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Role says what a user of the page may do.
type Role string

// The roles; each may do what the one before it may.
const (
	RoleViewer  Role = "viewer"  // look and download
	RoleFinance Role = "finance" // start and stop runs, decide, release and discard
	RoleAdmin   Role = "admin"   // undo runs, send reports again
)

// Roles lists them all, the least first.
var Roles = []Role{RoleViewer, RoleFinance, RoleAdmin}

// User is a person who signs in to the page.
type User struct {
	Name    string
	Role    Role
	Hash    string // of the password: argon2id in the PHC form
	AddedAt time.Time
}

// ErrNoUser says that there is no such user.
var ErrNoUser = errors.New("there is no such user")

// CheckUserName says what is wrong with a user's name; it stands in the audit trail, so it must be one that people can tell.
func CheckUserName(name string) error {
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
