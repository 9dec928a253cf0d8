package sql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Scratch is a database that is made for one use and dropped after it.
type Scratch struct {
	Name string
	URL  string // as the server's, but for the database

	server *sqlx.DB
	held   *sqlx.DB // connected to it for as long as its maker lives; nil: it may be kept
}

// scratchMark is the comment of a database that is to go with its maker.
const scratchMark = "of hhrecon: dropped once nobody is connected to it"

// CreateScratch makes an empty database on the PostgreSQL server that the URL names, under a name that begins with
// prefix (lower-case letters and _) and that no other database has. The database of the URL itself is only
// connected to. The user of the URL must be allowed to create databases.
func CreateScratch(ctx context.Context, serverURL, prefix string) (*Scratch, error) {
	u, err := url.Parse(serverURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New("create database: the server's URL must be postgres://…") // not shown: it may hold a password
	}
	d := &Scratch{Name: prefix + strings.ToLower(rand.Text()[:12])}
	if d.server, err = openPostgres(serverURL, slog.New(slog.DiscardHandler), nil); err != nil {
		return nil, fmt.Errorf("create database: %w", err)
	}
	if _, err := d.server.ExecContext(ctx, "create database "+d.Name); err != nil {
		_ = d.server.Close()
		return nil, fmt.Errorf("create database %s: %w", d.Name, (&Store{}).explain(ctx, err))
	}
	options := u.Query()
	options.Del("dbname")
	u.Path, u.RawQuery = "/"+d.Name, options.Encode()
	d.URL = u.String()
	return d, nil
}

// Mark has the database dropped by the next DropStale, should this process be killed before it drops it.
func (d *Scratch) Mark(ctx context.Context) error {
	var err error
	if d.held, err = openPostgres(d.URL, slog.New(slog.DiscardHandler), nil); err != nil {
		return fmt.Errorf("connect to database %s: %w", d.Name, err)
	}
	d.held.SetConnMaxLifetime(0)
	if _, err := d.held.Connx(ctx); err != nil { // never given back: while it stands, somebody is connected
		return fmt.Errorf("connect to database %s: %w", d.Name, (&Store{}).explain(ctx, err))
	}
	if _, err := d.server.ExecContext(ctx, "comment on database "+d.Name+" is '"+scratchMark+"'"); err != nil {
		return fmt.Errorf("mark database %s: %w", d.Name, (&Store{}).explain(ctx, err))
	}
	return nil
}

// DropStale drops the marked databases with this prefix that killed processes left on the server of this one, and tells their
// names. One to which anybody is connected is none: PostgreSQL itself refuses to drop it.
func (d *Scratch) DropStale(ctx context.Context, prefix string) ([]string, error) {
	var stale, dropped []string
	err := d.server.SelectContext(ctx, &stale, `
		select datname from pg_database as d
		where starts_with(datname, $1) and shobj_description(oid, 'pg_database') = $2
		  and not exists (select from pg_stat_activity as a where a.datid = d.oid)
		order by datname`, prefix, scratchMark)
	if err != nil {
		return nil, fmt.Errorf("look for databases that were left: %w", (&Store{}).explain(ctx, err))
	}
	var failed []error
	for _, name := range stale {
		if _, err := d.server.ExecContext(ctx, "drop database if exists "+pq.QuoteIdentifier(name)); err != nil {
			failed = append(failed, fmt.Errorf("drop database %s, which was left: %w", name, (&Store{}).explain(ctx, err)))
			continue
		}
		dropped = append(dropped, name)
	}
	return dropped, errors.Join(failed...)
}

// Drop drops the database, with whatever is still connected to it.
func (d *Scratch) Drop(ctx context.Context) error {
	defer func() { _ = d.server.Close() }()
	if d.held != nil {
		defer func() { _ = d.held.Close() }()
	}
	if _, err := d.server.ExecContext(ctx, "drop database if exists "+d.Name+" with (force)"); err != nil {
		return fmt.Errorf("drop database %s: %w", d.Name, (&Store{}).explain(ctx, err))
	}
	return nil
}

// Server says which database this is, in which version: PostgreSQL 17.2, say.
func (s *Store) Server(ctx context.Context) (string, error) {
	var name string
	if err := s.get(ctx, s.db, &name, serverQuery.in(s.dialect), nil); err != nil {
		return "", s.explain(ctx, err)
	}
	return name, nil
}
