// Package identity stores which database hhrecon's tables belong to. A copy of the database has another identity. In a
// copy, hhrecon queries, sends and writes nothing until a person declares whether the database is production or a copy.
// The package also detects that a database was restored from a backup that is older than the reports.
//
// The identity of a PostgreSQL database is the server's system identifier and the database's oid. Physical replicas
// share both with their primary. The identity of a SQLite file is its path, inode and time of creation. NewGuard makes
// the checks part of every transaction that writes.
package identity

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// ErrCopy is the error if the database is a copy. If a person declared the database a copy, the error is
// ErrDeclared, which wraps ErrCopy.
var (
	ErrCopy     = errors.New("the database is a copy")
	ErrDeclared = fmt.Errorf("%w (declared by a person)", ErrCopy)
)

// ID identifies a database.
type ID struct {
	Server   string // PostgreSQL's system identifier, or a file's inode and time of creation; "" if unknown
	Database string // PostgreSQL's oid, or a file's path
	Name     string // the database's name in PostgreSQL
}

func (id ID) String() string {
	if id.Name == "" {
		return fmt.Sprintf("the file %s (%s)", id.Database, id.Server)
	}
	return fmt.Sprintf("the database %s (oid %s) of the server %s", id.Name, id.Database, cmp.Or(id.Server, "(unknown)"))
}

// Same reports whether two identities belong to one database. If the server of an identity is unknown, Same
// compares only the databases.
func (id ID) Same(other ID) bool {
	if id.Server == "" || other.Server == "" {
		return id.Database == other.Database && id.Name == other.Name
	}
	return id.Database == other.Database && id.Server == other.Server
}

// recorded is the row of table hhrecon_identity.
type recorded struct {
	ID
	Copy       bool
	RecordedAt time.Time
}

// Guard stores and checks the identity of a database.
type Guard struct {
	*db.DB
	Audit audit.LogStore // records people's decisions about the database
}

// NewGuard returns a Guard for the database that contains an audit log. After NewGuard, transactions that write
// into a copy fail.
func NewGuard(log audit.LogStore) Guard {
	g := Guard{DB: log.DB, Audit: log}
	log.Guard = g.CheckIdentity
	return g
}

// Identity returns the identity of the connected database.
func (g Guard) Identity(ctx context.Context) (ID, error) {
	var id ID
	var err error
	if g.Dialect == db.SQLite {
		if err = g.Get(ctx, g.Conn, &id.Database, query("this_file").SQLite, nil); err == nil {
			id.Server, err = fileID(id.Database)
		}
	} else if err = g.Get(ctx, g.Conn, &id, query("this_database").Postgres, nil); db.NotLockable(err) {
		err = g.Get(ctx, g.Conn, &id, query("this_name").Postgres, nil)
	}
	return id, g.WrapError(ctx, err)
}

// RecordIdentity records the database's identity if no identity is recorded.
func (g Guard) RecordIdentity(ctx context.Context) error {
	id, err := g.Identity(ctx)
	if err != nil {
		return err
	}
	return g.WriteOne(db.Unguarded(ctx), db.RetryLost, query("record_identity"), g.args(id), nil)
}

func (g Guard) args(id ID) db.Args {
	return db.Args{"server": id.Server, "database": id.Database, "name": id.Name, "now": db.FormatTime(g.Now())}
}

// CheckIdentity returns ErrCopy if the identity of the database differs from the recorded identity, and ErrDeclared if
// a person declared the database a copy.
func (g Guard) CheckIdentity(ctx context.Context) error {
	was, err := g.recorded(ctx, g.Conn)
	if db.IsMissingTable(err) || err == nil && was.Database == "" {
		return nil // no identity is recorded yet
	}
	if err != nil {
		return g.WrapError(ctx, err)
	}
	if was.Copy {
		return &db.UserError{Kind: ErrDeclared, Text: fmt.Sprintf("this database was declared a copy on %s: "+
			"hhrecon queries, sends and writes nothing\n"+
			"if this is now the production database, run \"hhrecon adopt --as production\"",
			was.RecordedAt.Format(time.DateOnly))}
	}
	is, err := g.Identity(ctx)
	if err == nil && !is.Same(was.ID) {
		err = &db.UserError{Kind: ErrCopy, Text: fmt.Sprintf("this is not the database that hhrecon used before: "+
			"the earlier database was %s, this database is %s\n"+
			"hhrecon treats this database as a copy, and queries, sends and writes nothing until you run:\n"+
			"hhrecon adopt --as production   if this is now the production database\n"+
			"hhrecon adopt --as copy         if this is a copy, for reading only", was.ID, is)}
	}
	return err
}

func (g Guard) recorded(ctx context.Context, tx sqlx.QueryerContext) (was recorded, err error) {
	return was, g.GetOr(ctx, tx, &was, query("recorded"), nil, nil)
}

// notSent is the note that hhrecon saves with the mails and alerts that it cancels in a copy of the database.
const notSent = "This database was declared a copy by \"hhrecon adopt --as copy\"."

// Adopt records the database's identity, and whether it is a copy. For a copy, Adopt also cancels waiting mails and
// alerts. Adopt returns the identity, and false if the same identity was already recorded.
func (g Guard) Adopt(ctx context.Context, asCopy bool, by reconcile.Person, note string) (ID, bool, error) {
	is, err := g.Identity(ctx)
	if err != nil {
		return is, false, err
	}
	changed := false
	a := g.args(is)
	a["copy"], a["note"] = asCopy, notSent
	err = g.Write(db.Unguarded(ctx), db.RetryConflict, func(tx *sqlx.Tx) error {
		was, err := g.recorded(ctx, tx)
		if changed = was.ID != is || was.Copy != asCopy; err != nil || !changed {
			return err
		}
		steps := []db.Query{query("adopt")}
		if asCopy {
			steps = append(steps, query("end_deliveries"), query("end_alerts"), query("end_announcements"))
		}
		for _, step := range steps {
			if _, err := g.Exec(ctx, tx, step.In(g.Dialect), a); err != nil {
				return err
			}
		}
		as := map[bool]string{true: "copy", false: "production"}[asCopy]
		return g.Audit.RecordEventIn(ctx, tx, reconcile.Event{
			Kind: reconcile.ActionAdopt, Actor: by.Name, Note: note, At: g.Now(),
			Facts: map[string]string{"via": string(by.Via), "as": as, "was": was.String(), "is": is.String()},
		})
	})
	return is, changed && err == nil, err
}
