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

// May tells whether a role does what needs another one at least.
func (r Role) May(least Role) bool {
	return slices.Contains(Roles, r) && slices.Index(Roles, r) >= slices.Index(Roles, least)
}

// User is a person who signs in to the page.
type User struct {
	Name    string
	Role    Role
	Hash    string // of the password: argon2id in the PHC form
	AddedAt time.Time
}

// PasswordDigest is a digest of the password's hash: another password ends sessions and tokens.
func (u *User) PasswordDigest() string {
	sum := sha256.Sum256([]byte(u.Hash))
	return hex.EncodeToString(sum[:16])
}

// Token is for a user to prove on the command line who it is.
type Token struct {
	Name           string // the user's
	PasswordDigest string // User.PasswordDigest of then
	AddedAt        time.Time
	ExpiresAt      time.Time
}

// What there may not be.
var (
	ErrNoUser  = errors.New("there is no such user")
	ErrNoToken = errors.New("there is no such token, or it has expired")
)

// CheckNote says what is wrong with a note, or with a name that somebody claims: it is one line of the audit log.
func CheckNote(text string) error {
	for _, c := range text {
		if unicode.IsControl(c) || unicode.In(c, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return fmt.Errorf("%.80q has a line break, a control character or a direction mark (%U): leave it out", text, c)
		}
	}
	return nil
}

// Via is the way by which somebody orders something.
type Via string

// The ways.
const (
	ViaPage  Via = "page"  // signed in to the page
	ViaCLI   Via = "cli"   // by command, with nothing to prove who it is
	ViaToken Via = "token" // by command, with a token
)

// Person is who orders something.
type Person struct {
	Name     string `json:"name,omitempty"`
	Identity string `json:"identity,omitempty"` // of the account: OIDC's issuer and subject, or os: and the system's user
	Via      Via    `json:"via,omitempty"`
}

// Is tells whether both may be one person: by the name in any case of letters, or by the account.
func (p Person) Is(other Person) bool {
	theirs := other.accounts()
	return slices.ContainsFunc(p.accounts(), func(account string) bool { return slices.Contains(theirs, account) })
}

// accounts are the names by which a person may be known.
func (p Person) accounts() []string {
	name := username.Fold(p.Name)
	return []string{name, "os:" + name, strings.ToLower(cmp.Or(p.Identity, name))}
}

// Role is the least role of those who may do it.
func (k ActionKind) Role() Role {
	if k.Undoes() {
		return RoleAdmin
	}
	return RoleFinance
}
