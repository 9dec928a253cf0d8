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

// Who is the person in whose name an action stands in the audit trail.
type Who struct {
	By   string `help:"Your name, for the audit log; default: the token's user or the system's." placeholder:"NAME"`
	Note string `help:"The reason, for the audit log." placeholder:"TEXT"`
}

// Users finds users and tokens; the database does.
type Users interface {
	User(ctx context.Context, name string) (reconcile.User, error)
	Token(ctx context.Context, token string) (reconcile.Token, error)
	SaveToken(ctx context.Context, token string, t reconcile.Token) error
	DropTokens(ctx context.Context, name string) error
	RecordEvent(ctx context.Context, e reconcile.Event) error
}

// WriteToken makes a token for a user, and prints it alone on a line.
func WriteToken(
	ctx context.Context, out io.Writer, s *config.Settings, users Users, name string, age time.Duration,
) error {
	by, err := ownerOfTokens(ctx, s, users, name)
	if err != nil {
		return err
	}
	u, err := userOf(ctx, s, users, name)
	if errors.Is(err, reconcile.ErrNoUser) {
		return config.UsageErrorf("there is no user %q: hhrecon user list names those that there are", name)
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

// RevokeTokens revokes all tokens of a user, who may be removed already.
func RevokeTokens(ctx context.Context, s *config.Settings, users Users, name string) error {
	by, err := ownerOfTokens(ctx, s, users, name)
	if err != nil {
		return err
	}
	u, err := userOf(ctx, s, users, name)
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

// ownerOfTokens tells who makes or revokes a user's tokens: with a token, the user or an admin.
func ownerOfTokens(ctx context.Context, s *config.Settings, users Users, name string) (reconcile.Person, error) {
	by, err := Who{}.Person(ctx, s, users, reconcile.RoleViewer)
	if err == nil && by.Via == reconcile.ViaToken && !by.Is(reconcile.Person{Name: name}) {
		by, err = Who{}.Person(ctx, s, users, reconcile.RoleAdmin)
	}
	return by, err
}

func tokenEvent(kind reconcile.ActionKind, by reconcile.Person, user string) reconcile.Event {
	return reconcile.Event{Kind: kind, Actor: by.Name, Facts: map[string]string{"via": string(by.Via), "user": user}}
}

// WriteUsers lists the users with the ends of their tokens.
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

// tokenUntil tells when the last of a user's tokens expires, of tokens in that order; "" if there is none.
func tokenUntil(tokens []reconcile.Token, u *reconcile.User, zone *time.Location) (until string) {
	for _, t := range tokens {
		if t.Name == u.Name && t.PasswordDigest == u.PasswordDigest() {
			until = t.ExpiresAt.In(zone).Format(time.DateTime)
		}
	}
	return until
}

// userOf finds a user where the settings keep them.
func userOf(ctx context.Context, s *config.Settings, users Users, name string) (reconcile.User, error) {
	if s.UsersFile != "" {
		return auth.UserFile(s.UsersFile).User(ctx, name)
	}
	return users.User(ctx, name)
}

// Person tells who gives a command. With a token (HHRECON_TOKEN) it is the token's user, who must have a role at
// least; without one it is the system's user, or the user that is named; any other name is a claim beside the system's.
func (w Who) Person(
	ctx context.Context, s *config.Settings, users Users, least reconcile.Role,
) (reconcile.Person, error) {
	if err := errors.Join(reconcile.CheckNote(w.By), reconcile.CheckNote(w.Note)); err != nil {
		return reconcile.Person{}, config.UsageErrorf("%w", err)
	}
	if s.Token != "" {
		return w.ofToken(ctx, s, users, least)
	}
	p := System()
	if w.By == "" {
		return p, nil
	}
	switch u, err := userOf(ctx, s, users, w.By); {
	case err == nil:
		p.Name = u.Name
	case errors.Is(err, reconcile.ErrNoUser):
		p.Name = fmt.Sprintf("%s (says: %s)", p.Name, w.By)
	default:
		return p, err
	}
	return p, nil
}

// System is the system's user, who proves nothing.
func System() reconcile.Person {
	name := "os:unknown"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = "os:" + u.Username
	}
	return reconcile.Person{Name: name, Identity: name, Via: reconcile.ViaCLI}
}

func (w Who) ofToken(
	ctx context.Context, s *config.Settings, users Users, least reconcile.Role,
) (reconcile.Person, error) {
	p := reconcile.Person{Via: reconcile.ViaToken}
	t, err := users.Token(ctx, s.Token)
	var u reconcile.User
	if err == nil {
		u, err = userOf(ctx, s, users, t.Name)
	}
	switch {
	case errors.Is(err, reconcile.ErrNoToken), errors.Is(err, reconcile.ErrNoUser),
		err == nil && u.PasswordDigest() != t.PasswordDigest:
		return p, config.UsageErrorf("HHRECON_TOKEN: %w, or its user has another password: hhrecon user token NAME makes one",
			reconcile.ErrNoToken)
	case err != nil:
		return p, err
	case w.By != "" && username.Fold(w.By) != username.Fold(u.Name):
		return p, config.UsageErrorf("--by %q: the token is of %s", w.By, u.Name)
	case !u.Role.May(least):
		return p, config.UsageErrorf("this needs the role %s; that of %s is %s", least, u.Name, u.Role)
	}
	p.Name = u.Name
	return p, nil
}

// ConsentOf is by what right a person orders something about a project.
func ConsentOf(s *config.Settings, projectID string, p reconcile.Person) reconcile.Consent {
	project, _ := s.Project(projectID)
	return reconcile.Consent{Via: p.Via, Identity: p.Identity, Above: project.ApproveAbove}
}
