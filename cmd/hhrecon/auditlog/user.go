package auditlog

import (
	"context"
	"fmt"
	"io"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports/web/auth"
	"hhrecon/sql"
	"hhrecon/sql/audit"
)

// PrintGrants prints the SQL statements that create the two database users and grant their rights.
func PrintGrants(out io.Writer, user string) error {
	text, err := audit.Grants(user)
	if err != nil {
		return config.UsageErrorf("--user: %w", err)
	}
	_, err = fmt.Fprint(out, text)
	return err
}

// AddUser stores a user with the hash of the password, and records the person who added the user.
func AddUser(ctx context.Context, store *sql.Store, by reconcile.Person, u reconcile.User,
	password string) (err error) {
	if u.Hash, err = auth.HashPassword(u.Name, password); err != nil {
		return config.UsageErrorf("%w", err)
	}
	u.AddedAt = time.Now()
	if err := store.SaveUser(ctx, u); err != nil {
		return err
	}
	return recordUser(ctx, store, by, reconcile.ActionUserAdd, map[string]string{"user": u.Name, "role": string(u.Role)})
}

// DropUser removes a user, and records the person who removed the user.
func DropUser(ctx context.Context, store *sql.Store, by reconcile.Person, name string) error {
	if err := store.DropUser(ctx, name); err != nil {
		return err
	}
	return recordUser(ctx, store, by, reconcile.ActionUserRemove, map[string]string{"user": name})
}

func recordUser(ctx context.Context, store *sql.Store, by reconcile.Person, kind reconcile.ActionKind,
	facts map[string]string) error {
	facts["via"] = string(by.Via)
	return store.RecordEvent(ctx, reconcile.Event{Kind: kind, Actor: by.Name, Facts: facts})
}
