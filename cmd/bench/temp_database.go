package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/lib/pq"
)

// tempDatabase is a database for one use, which is dropped afterwards.
type tempDatabase struct {
	name string
	url  string // the server's URL with this database

	server *sql.DB
	held   *sql.DB // a connection that is open while this process runs; nil if the database may be kept
}

// tempDatabaseMark is the comment of a database that is to be dropped with the process that created it.
const tempDatabaseMark = "of hhrecon: dropped once no connection to it is open"

// createTempDatabase creates an empty database on the PostgreSQL server of the URL. Its name begins with prefix
// (lower-case letters and _) and is unique. The URL's own database is not changed. The user of the URL must be
// allowed to create databases.
func createTempDatabase(ctx context.Context, serverURL, prefix string) (*tempDatabase, error) {
	u, err := url.Parse(serverURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// the URL is not shown: it may contain a password
		return nil, errors.New("create database: the server's URL must be postgres://…")
	}
	d := &tempDatabase{name: prefix + strings.ToLower(rand.Text()[:12])}
	if d.server, err = connect(serverURL); err != nil {
		return nil, fmt.Errorf("create database: %w", err)
	}
	if _, err := d.server.ExecContext(ctx, "create database "+d.name); err != nil {
		_ = d.server.Close()
		return nil, fmt.Errorf("create database %s: %w", d.name, err)
	}
	options := u.Query()
	options.Del("dbname")
	u.Path, u.RawQuery = "/"+d.name, options.Encode()
	d.url = u.String()
	return d, nil
}

// connect opens a database by its URL. TLS is optional for a server on this machine.
func connect(serverURL string) (*sql.DB, error) {
	cfg, err := pq.NewConfig(serverURL)
	if err != nil {
		return nil, errors.New("the URL is not valid") // the error's text may contain the password
	}
	if cfg.SSLMode == "" && (cfg.Host == "localhost" || net.ParseIP(cfg.Host).IsLoopback()) {
		cfg.SSLMode = pq.SSLModePrefer
	}
	c, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, errors.New("the URL is not valid")
	}
	return sql.OpenDB(c), nil
}

// mark has the database dropped by the next dropStale, should this process be killed before it drops it.
func (d *tempDatabase) mark(ctx context.Context) error {
	var err error
	if d.held, err = connect(d.url); err != nil {
		return fmt.Errorf("connect to database %s: %w", d.name, err)
	}
	if _, err := d.held.Conn(ctx); err != nil { // never closed: an open connection protects the database
		return fmt.Errorf("connect to database %s: %w", d.name, err)
	}
	if _, err := d.server.ExecContext(ctx, "comment on database "+d.name+" is '"+tempDatabaseMark+"'"); err != nil {
		return fmt.Errorf("mark database %s: %w", d.name, err)
	}
	return nil
}

// dropStale drops the marked databases with this prefix that killed processes left on the server of this one, and
// returns their names. PostgreSQL refuses to drop a database to which a connection is open.
func (d *tempDatabase) dropStale(ctx context.Context, prefix string) ([]string, error) {
	var stale pq.StringArray
	var dropped []string
	err := d.server.QueryRowContext(ctx, `
		select array(select datname::text from pg_database as d
		where starts_with(datname, $1) and shobj_description(oid, 'pg_database') = $2
		  and not exists (select from pg_stat_activity as a where a.datid = d.oid)
		order by datname)`, prefix, tempDatabaseMark).Scan(&stale)
	if err != nil {
		return nil, fmt.Errorf("find databases of killed benchmarks: %w", err)
	}
	var failed []error
	for _, name := range stale {
		if _, err := d.server.ExecContext(ctx, "drop database if exists "+pq.QuoteIdentifier(name)); err != nil {
			failed = append(failed, fmt.Errorf("drop database %s of a killed benchmark: %w", name, err))
			continue
		}
		dropped = append(dropped, name)
	}
	return dropped, errors.Join(failed...)
}

// drop drops the database, with whatever is still connected to it.
func (d *tempDatabase) drop(ctx context.Context) error {
	defer func() { _ = d.server.Close() }()
	if d.held != nil {
		defer func() { _ = d.held.Close() }()
	}
	if _, err := d.server.ExecContext(ctx, "drop database if exists "+d.name+" with (force)"); err != nil {
		return fmt.Errorf("drop database %s: %w", d.name, err)
	}
	return nil
}

// databaseVersion returns the database system of a URL and its version, for example PostgreSQL 17.2.
func databaseVersion(ctx context.Context, databaseURL string) (string, error) {
	query := "select 'PostgreSQL ' || current_setting('server_version')"
	open := connect
	if strings.HasPrefix(databaseURL, "sqlite:") {
		query = "select 'SQLite ' || sqlite_version()"
		open = func(string) (*sql.DB, error) { return sql.Open("sqlite", ":memory:") }
	}
	db, err := open(databaseURL)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	var version string
	err = db.QueryRowContext(ctx, query).Scan(&version)
	return version, err
}
