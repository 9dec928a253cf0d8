package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"hhrecon/reconcile/username"
)

// Role is what a user of the page may do.
type Role string

// The roles. Each includes the one before.
const (
	RoleViewer  Role = "viewer"  // look and download
	RoleFinance Role = "finance" // start and stop runs, decide, release and discard
	RoleAdmin   Role = "admin"   // undo runs, resend reports
)

// Roles lists the roles, lowest first.
var Roles = []Role{RoleViewer, RoleFinance, RoleAdmin}

// May tells whether the role includes another one.
func (r Role) May(least Role) bool {
	return slices.Contains(Roles, r) && slices.Index(Roles, r) >= slices.Index(Roles, least)
}

// User is a person who can sign in to the page.
type User struct {
	Name    string
	Role    Role
	Hash    string // of the password: argon2id in the PHC form
	AddedAt time.Time
}

// PasswordDigest returns a digest of the password's hash. Sessions and tokens store it, so a new password ends them.
func (u *User) PasswordDigest() string {
	sum := sha256.Sum256([]byte(u.Hash))
	return hex.EncodeToString(sum[:16])
}

// Token identifies a user on the command line.
type Token struct {
	Name           string // the user's
	PasswordDigest string // User.PasswordDigest when the token was made
	AddedAt        time.Time
	ExpiresAt      time.Time
}

// Errors of a user store.
var (
	ErrNoUser  = errors.New("there is no such user")
	ErrNoToken = errors.New("there is no such token, or it has expired")
)

// CheckNote returns what is wrong with a note or a claimed name: each must be one line of the audit log.
func CheckNote(text string) error {
	for _, c := range text {
		if unicode.IsControl(c) || unicode.In(c, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return fmt.Errorf("%.80q has a line break, a control character or a direction mark (%U): leave it out", text, c)
		}
	}
	return nil
}

// Via is how a person was identified.
type Via string

// The ways to identify a person.
const (
	ViaPage  Via = "page"  // signed in to the page
	ViaCLI   Via = "cli"   // by a command, without proof
	ViaToken Via = "token" // by a command, with a token
)

// Person is who acts.
type Person struct {
	Name string `json:"name,omitempty"`
	// of the account: OIDC's issuer and subject, or os: and the system's user
	Identity string `json:"identity,omitempty"`
	Via      Via    `json:"via,omitempty"`
}

// Is tells whether both may be the same person, by name in any case or by account.
func (p Person) Is(other Person) bool {
	theirs := other.accounts()
	return slices.ContainsFunc(p.accounts(), func(account string) bool { return slices.Contains(theirs, account) })
}

// accounts returns the names by which a person may be known.
func (p Person) accounts() []string {
	name := username.Fold(p.Name)
	return []string{name, "os:" + name, strings.ToLower(cmp.Or(p.Identity, name))}
}

// Role returns the lowest role that may do the action.
func (k ActionKind) Role() Role {
	if k.Undoes() {
		return RoleAdmin
	}
	return RoleFinance
}
