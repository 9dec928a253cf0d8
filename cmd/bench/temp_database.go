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

// tempDatabase is a temporary database, which is dropped after use.
type tempDatabase struct {
	name string
	url  string // URL of the server with the name of this database

	server *sql.DB
	held   *sql.DB // connection that stays open while this process runs; nil if the database is not marked
}

// tempDatabaseMark is the comment that marks a database as temporary.
const tempDatabaseMark = "of hhrecon: dropped once no connection to it is open"

// createTempDatabase creates an empty database on the PostgreSQL server of the URL. The database's name begins with
// prefix (lower-case letters and _) and is unique. The database that the URL names is not changed. The user of the URL
// needs the right to create databases.
func createTempDatabase(ctx context.Context, serverURL, prefix string) (*tempDatabase, error) {
	u, err := url.Parse(serverURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The error does not quote the URL, which may contain a password.
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
		return nil, errors.New("the URL of the database is not valid") // the error's text may contain the password
	}
	if cfg.SSLMode == "" && (cfg.Host == "localhost" || net.ParseIP(cfg.Host).IsLoopback()) {
		cfg.SSLMode = pq.SSLModePrefer
	}
	c, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, errors.New("the URL of the database is not valid")
	}
	return sql.OpenDB(c), nil
}

// mark marks the database as temporary. If this process is killed, a later dropStale drops the database.
func (d *tempDatabase) mark(ctx context.Context) error {
	var err error
	if d.held, err = connect(d.url); err != nil {
		return fmt.Errorf("connect to database %s: %w", d.name, err)
	}
	if _, err := d.held.Conn(ctx); err != nil { // this connection protects the database from being dropped
		return fmt.Errorf("connect to database %s: %w", d.name, err)
	}
	if _, err := d.server.ExecContext(ctx, "comment on database "+d.name+" is '"+tempDatabaseMark+"'"); err != nil {
		return fmt.Errorf("mark database %s: %w", d.name, err)
	}
	return nil
}

// dropStale drops the marked databases of killed processes on the same server, and returns the names of the databases.
// PostgreSQL does not drop a database that still has a connection.
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

// drop drops the database and closes all connections to it.
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

// databaseVersion returns the database system of a URL and its version, such as PostgreSQL 17.2.
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
