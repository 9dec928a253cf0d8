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

// Role names the rights of a user of the page.
type Role string

// Roles of users. Each role also has the rights of all earlier roles in this list.
const (
	RoleViewer  Role = "viewer"  // view and download
	RoleFinance Role = "finance" // start and stop runs, decide, release and discard
	RoleAdmin   Role = "admin"   // undo runs, resend reports
)

// Roles lists the roles, lowest first.
var Roles = []Role{RoleViewer, RoleFinance, RoleAdmin}

// May reports whether the role has at least the rights of another role.
func (r Role) May(least Role) bool {
	return slices.Contains(Roles, r) && slices.Index(Roles, r) >= slices.Index(Roles, least)
}

// User is a person who can sign in to the page.
type User struct {
	Name    string
	Role    Role
	Hash    string // hash of the password: argon2id in the PHC form
	AddedAt time.Time
}

// PasswordDigest returns a digest of the password's hash. Sessions and tokens store the digest, so a new password
// invalidates them.
func (u *User) PasswordDigest() string {
	sum := sha256.Sum256([]byte(u.Hash))
	return hex.EncodeToString(sum[:16])
}

// Token identifies a user in a command.
type Token struct {
	Name           string // the user's name
	PasswordDigest string // User.PasswordDigest when the token was made
	AddedAt        time.Time
	ExpiresAt      time.Time
}

// Errors of a UserStore.
var (
	ErrNoUser  = errors.New("there is no such user")
	ErrNoToken = errors.New("there is no such token, or it has expired")
)

// CheckNote returns an error if the audit log cannot show the text on one line. The text is a person's note, or a
// person's name that is not verified.
func CheckNote(text string) error {
	for _, c := range text {
		if unicode.IsControl(c) || unicode.In(c, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return fmt.Errorf("%.80q has a line break, a control character or a direction mark (%U): remove it", text, c)
		}
	}
	return nil
}

// Via is how a person was identified.
type Via string

// Ways to identify a person.
const (
	ViaPage  Via = "page"  // signed in to the page
	ViaCLI   Via = "cli"   // ran a command; the name is not verified
	ViaToken Via = "token" // ran a command with a token
)

// Person identifies the person who executes an action.
type Person struct {
	Name string `json:"name,omitempty"`
	// the account: issuer and subject from OIDC, or os: and the user of the operating system
	Identity string `json:"identity,omitempty"`
	Via      Via    `json:"via,omitempty"`
}

// Is reports whether two Persons may be the same person. Is compares the names, ignoring case, and the accounts.
func (p Person) Is(other Person) bool {
	theirs := other.accounts()
	return slices.ContainsFunc(p.accounts(), func(account string) bool { return slices.Contains(theirs, account) })
}

// accounts returns the names and accounts that may identify a person.
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
