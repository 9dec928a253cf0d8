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
)

// Scratch is a database that is made for one use and dropped after it.
type Scratch struct {
	Name string
	URL  string // as the server's, but for the database

	server *sqlx.DB
}

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

// Drop drops the database, with whatever is still connected to it.
func (d *Scratch) Drop(ctx context.Context) error {
	defer func() { _ = d.server.Close() }()
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
