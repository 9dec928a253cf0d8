package actions

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os/user"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
	"hhrecon/reconcile/username"
	"hhrecon/reports/web/auth"
	"hhrecon/sql"
)

// Who contains the person who gives a command, and the reason. The audit log stores the person and the reason.
type Who struct {
	By   string `help:"Your name, for the audit log; default: the token's user or your system user." placeholder:"NAME"`
	Note string `help:"The reason, for the audit log." placeholder:"TEXT"`
}

// Users stores users, their tokens, and events of the audit log.
type Users interface {
	User(ctx context.Context, name string) (reconcile.User, error)
	Token(ctx context.Context, token string) (reconcile.Token, error)
	SaveToken(ctx context.Context, token string, t reconcile.Token) error
	DropTokens(ctx context.Context, name string) error
	RecordEvent(ctx context.Context, e reconcile.Event) error
}

// WriteToken creates a token for a user and prints the token on a separate line.
func WriteToken(ctx context.Context, out io.Writer, s *config.Settings, users Users, name string,
	age time.Duration) error {
	by, err := tokenActor(ctx, s, users, name)
	if err != nil {
		return err
	}
	u, err := findUser(ctx, s, users, name)
	if errors.Is(err, reconcile.ErrNoUser) {
		return config.UsageErrorf("there is no user %q: run \"hhrecon user list\" to list the users", name)
	}
	token, now := "hhrecon_"+rand.Text(), time.Now()
	t := reconcile.Token{Name: u.Name, PasswordDigest: u.PasswordDigest(), AddedAt: now, ExpiresAt: now.Add(age)}
	if err == nil {
		err = users.SaveToken(ctx, token, t)
	}
	if err == nil {
		err = users.RecordEvent(ctx, tokenEvent(reconcile.ActionTokenAdd, by, u.Name))
	}
	if err == nil {
		_, err = fmt.Fprintln(out, token)
	}
	return err
}

// RevokeTokens revokes all tokens of a user. The user may already be removed.
func RevokeTokens(ctx context.Context, s *config.Settings, users Users, name string) error {
	by, err := tokenActor(ctx, s, users, name)
	if err != nil {
		return err
	}
	u, err := findUser(ctx, s, users, name)
	name = cmp.Or(u.Name, name)
	if err == nil || errors.Is(err, reconcile.ErrNoUser) {
		err = users.DropTokens(ctx, name)
	}
	if errors.Is(err, reconcile.ErrNoToken) {
		return config.UsageErrorf("%s: %w", name, err)
	}
	if err != nil {
		return err
	}
	return users.RecordEvent(ctx, tokenEvent(reconcile.ActionTokenDrop, by, name))
}

// tokenActor returns the person who creates or revokes a user's tokens. A person with a token must be that user or an
// admin.
func tokenActor(ctx context.Context, s *config.Settings, users Users, name string) (reconcile.Person, error) {
	by, err := Who{}.Person(ctx, s, users, reconcile.RoleViewer)
	if err == nil && by.Via == reconcile.ViaToken && !by.Is(reconcile.Person{Name: name}) {
		by, err = Who{}.Person(ctx, s, users, reconcile.RoleAdmin)
	}
	return by, err
}

func tokenEvent(kind reconcile.ActionKind, by reconcile.Person, user string) reconcile.Event {
	return reconcile.Event{Kind: kind, Actor: by.Name, Facts: map[string]string{"via": string(by.Via), "user": user}}
}

// WriteUsers prints the users with the times at which their tokens expire.
func WriteUsers(ctx context.Context, out io.Writer, s *config.Settings, store *sql.Store) error {
	users, err := store.Users(ctx)
	if s.UsersFile != "" {
		users, err = auth.UserFile(s.UsersFile).Read()
	}
	if err != nil {
		return err
	}
	tokens, err := store.Tokens(ctx)
	if err != nil {
		return err
	}
	w := console.NewTable(out, console.Column{Name: "Name", Wrap: true}, console.Column{Name: "Role"},
		console.Column{Name: "Added", Drop: 1}, console.Column{Name: "Token until"})
	for _, u := range users {
		added := ""
		if !u.AddedAt.IsZero() {
			added = u.AddedAt.In(s.Zone).Format(time.DateTime)
		}
		w.Add(u.Name, u.Role, added, tokenUntil(tokens, &u, s.Zone))
	}
	w.Render()
	return nil
}

// tokenUntil returns when the last of a user's tokens expires, or "" if the user has no token. The argument tokens
// is sorted by expiry.
func tokenUntil(tokens []reconcile.Token, u *reconcile.User, zone *time.Location) (until string) {
	for _, t := range tokens {
		if t.Name == u.Name && t.PasswordDigest == u.PasswordDigest() {
			until = t.ExpiresAt.In(zone).Format(time.DateTime)
		}
	}
	return until
}

// findUser reads a user from the users file or the database.
func findUser(ctx context.Context, s *config.Settings, users Users, name string) (reconcile.User, error) {
	if s.UsersFile != "" {
		return auth.UserFile(s.UsersFile).User(ctx, name)
	}
	return users.User(ctx, name)
}

// Person returns the person who gives a command. With a token (HHRECON_TOKEN), the person is the token's user, who must
// have at least the given role. Without a token, --by names the person, and the default is the system user. If --by
// names an unknown user, Person returns the name of the system user followed by the given name.
func (w Who) Person(ctx context.Context, s *config.Settings, users Users,
	least reconcile.Role) (reconcile.Person, error) {
	if err := errors.Join(reconcile.CheckNote(w.By), reconcile.CheckNote(w.Note)); err != nil {
		return reconcile.Person{}, config.UsageErrorf("%w", err)
	}
	if s.Token != "" {
		return w.tokenUser(ctx, s, users, least)
	}
	p := SystemUser()
	if w.By == "" {
		return p, nil
	}
	switch u, err := findUser(ctx, s, users, w.By); {
	case err == nil:
		p.Name = u.Name
	case errors.Is(err, reconcile.ErrNoUser):
		p.Name = fmt.Sprintf("%s (says: %s)", p.Name, w.By)
	default:
		return p, err
	}
	return p, nil
}

// SystemUser returns the user of the operating system. hhrecon treats this identity as unverified.
func SystemUser() reconcile.Person {
	name := "os:unknown"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = "os:" + u.Username
	}
	return reconcile.Person{Name: name, Identity: name, Via: reconcile.ViaCLI}
}

func (w Who) tokenUser(ctx context.Context, s *config.Settings, users Users,
	least reconcile.Role) (reconcile.Person, error) {
	p := reconcile.Person{Via: reconcile.ViaToken}
	t, err := users.Token(ctx, s.Token)
	var u reconcile.User
	if err == nil {
		u, err = findUser(ctx, s, users, t.Name)
	}
	switch {
	case errors.Is(err, reconcile.ErrNoToken), errors.Is(err, reconcile.ErrNoUser),
		err == nil && u.PasswordDigest() != t.PasswordDigest:
		return p, config.UsageErrorf("HHRECON_TOKEN: %w, or its user has a new password: run \"hhrecon user token "+
			"NAME\" to get a new token",
			reconcile.ErrNoToken)
	case err != nil:
		return p, err
	case w.By != "" && username.Fold(w.By) != username.Fold(u.Name):
		return p, config.UsageErrorf("--by %q is not the user of HHRECON_TOKEN, which is %s: omit --by, or use your own "+
			"token",
			w.By, u.Name)
	case !u.Role.May(least):
		return p, config.UsageErrorf("this command needs the role %s; %s has the role %s", least, u.Name, u.Role)
	}
	p.Name = u.Name
	return p, nil
}

// ConsentOf returns the identity of the person and how the person was identified. It also returns the sum above which
// the project requires a second person's approval.
func ConsentOf(s *config.Settings, projectID string, p reconcile.Person) reconcile.Consent {
	project, _ := s.Project(projectID)
	return reconcile.Consent{Via: p.Via, Identity: p.Identity, Above: project.ApproveAbove,
		Shadow: project.Shadow}
}
