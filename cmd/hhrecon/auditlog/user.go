package auditlog

import (
	"context"
	"fmt"
	"io"
	"os/user"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports/web"
	"hhrecon/sql"
	"hhrecon/sql/audit"
)

// PrintGrants prints the SQL that makes the database's two users.
func PrintGrants(out io.Writer, user string) error {
	text, err := audit.Grants(user)
	if err != nil {
		return config.UsageErrorf("--user: %w", err)
	}
	_, err = fmt.Fprint(out, text)
	return err
}

// AddUser keeps a user with the hash of a password.
func AddUser(ctx context.Context, store *sql.Store, name string, role reconcile.Role, password string) error {
	hash, err := web.HashPassword(name, password)
	if err != nil {
		return config.UsageErrorf("%w", err)
	}
	return SaveUser(ctx, store, reconcile.User{Name: name, Role: role, Hash: hash, AddedAt: time.Now()})
}

// SaveUser adds or changes a user, and records that.
func SaveUser(ctx context.Context, store *sql.Store, u reconcile.User) error {
	if err := store.SaveUser(ctx, u); err != nil {
		return err
	}
	return recordUser(ctx, store, reconcile.ActionUserAdd, map[string]string{"user": u.Name, "role": string(u.Role)})
}

// DropUser removes a user, and records that.
func DropUser(ctx context.Context, store *sql.Store, name string) error {
	if err := store.DropUser(ctx, name); err != nil {
		return err
	}
	return recordUser(ctx, store, reconcile.ActionUserRemove, map[string]string{"user": name})
}

func recordUser(ctx context.Context, store *sql.Store, kind reconcile.ActionKind, facts map[string]string) error {
	e := reconcile.Event{Kind: kind, Actor: "os:unknown", Facts: facts}
	if u, err := user.Current(); err == nil {
		e.Actor = "os:" + u.Username
	}
	facts["via"] = "cli"
	return store.RecordEvent(ctx, e)
}
