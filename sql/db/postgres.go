package db

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// These limits of a connection apply unless the URL sets other limits.
const (
	connectTimeout   = 10 * time.Second
	statementTimeout = 2 * time.Minute
	// answerMargin is the time by which the connection's deadline exceeds statement_timeout, so the server
	// cancels the statement first.
	answerMargin = 15 * time.Second
	maxConns     = 10
)

func openPostgres(dsn string, log *slog.Logger, trips *atomic.Int64) (pool *sqlx.DB, user string, err error) {
	c, err := newConnector(dsn, log, trips)
	if err != nil {
		return nil, "", err
	}
	db := sqlx.NewDb(stdsql.OpenDB(c), "postgres")
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns / 2)
	db.SetConnMaxIdleTime(5 * time.Minute) // load balancers drop an idle connection after some minutes
	db.SetConnMaxLifetime(time.Hour)       // after a fail-over, a new connection reaches the new server
	return db, c.user, nil
}

// connector opens connections of lib/pq with the limits above.
type connector struct {
	with, without  *pq.Connector // connectors with and without the default statement_timeout and jit
	defaultTimeout bool          // statement_timeout is the default and may be omitted
	pooled         atomic.Bool   // a pooler has rejected these parameters
	log            *slog.Logger
	user           string // the database user
}

func newConnector(dsn string, log *slog.Logger, trips *atomic.Int64) (*connector, error) {
	u, err := url.Parse(dsn)
	if err != nil { // err would contain the password
		return nil, errors.New("the database's URL is not valid; " +
			"special characters in the user or the password must be percent-encoded")
	}
	options := u.Query()
	for name := range options {
		if err := checkOption(name); err != nil {
			return nil, err
		}
	}
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, errors.New(redact(err.Error(), u))
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	if !options.Has("binary_parameters") {
		// A query with parameters then takes one round trip. Such a query needs no prepared statement, which a pooler
		// could lose.
		cfg.BinaryParameters = true
	}
	if cfg.SSLMode == "" { // set explicitly, because a later version of lib/pq will change the default
		cfg.SSLMode = pq.SSLModeRequire
		if local(cfg.Host) {
			cfg.SSLMode = pq.SSLModePrefer
		}
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "hhrecon"
	}
	c := &connector{log: log, user: cfg.User, defaultTimeout: cfg.Runtime["statement_timeout"] == ""}
	limit := statementTimeout
	if !c.defaultTimeout {
		if limit, err = parseTimeout(cfg.Runtime["statement_timeout"]); err != nil {
			return nil, err
		}
	}
	wait := dialer{connect: cfg.ConnectTimeout, trips: trips}
	if limit > 0 {
		wait.answer = limit + answerMargin
	}
	if c.without, err = pq.NewConnectorConfig(cfg.Clone()); err != nil {
		return nil, errors.New(redact(err.Error(), u))
	}
	cfg = cfg.Clone()
	if cfg.Runtime["jit"] == "" {
		// PostgreSQL overestimates the cost of many statements. Compiling these statements would take longer than
		// running them.
		cfg.Runtime["jit"] = "off"
	}
	if c.defaultTimeout {
		cfg.Runtime["statement_timeout"] = strconv.FormatInt(limit.Milliseconds(), 10)
	}
	if c.with, err = pq.NewConnectorConfig(cfg); err != nil {
		return nil, errors.New(redact(err.Error(), u))
	}
	c.with.Dialer(wait)
	c.without.Dialer(wait)
	return c, nil
}

// Connect opens a connection. A pooler such as PgBouncer rejects unknown start-up parameters. Connect then omits
// hhrecon's defaults, and the connection's deadline replaces statement_timeout.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.pooled.Load() {
		return c.without.Connect(ctx)
	}
	conn, err := c.with.Connect(ctx)
	if refusal, ok := errors.AsType[*pq.Error](err); ok && refusal.Code == "08P01" &&
		(strings.Contains(refusal.Message, "jit") || c.defaultTimeout &&
			strings.Contains(refusal.Message, "statement_timeout")) {
		c.pooled.Store(true)
		c.log.Info("the pooler rejects statement_timeout and jit: the connection's deadline replaces statement_timeout; " +
			"set jit = off for the database role of hhrecon")
		return c.without.Connect(ctx)
	}
	return conn, err
}

// Driver returns lib/pq's driver.
func (c *connector) Driver() driver.Driver { return c.with.Driver() }

// local reports whether a host name or address refers to this machine.
func local(host string) bool {
	return host == "" || host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1" ||
		strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@")
}

// redact removes the password from an error's text.
func redact(text string, u *url.URL) string {
	passwords := []string{u.Query().Get("password")}
	if p, ok := u.User.Password(); ok {
		passwords = append(passwords, p, url.QueryEscape(p), url.PathEscape(p))
	}
	for _, p := range passwords {
		if p != "" {
			text = strings.ReplaceAll(text, p, "xxxxx")
		}
	}
	return text
}

// parseTimeout parses a timeout like PostgreSQL. A number without a unit means milliseconds.
func parseTimeout(s string) (time.Duration, error) {
	if ms, err := strconv.ParseInt(s, 10, 32); err == nil && ms >= 0 {
		return time.Duration(ms) * time.Millisecond, nil
	}
	if d, err := time.ParseDuration(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "min", "m")); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fmt.Errorf("statement_timeout=%q is not a time; write 30000, 30s or 2min, or 0 for none", s)
}

// EnumCure returns a remedy if the merchant's status column is an enum that lacks a status. EnumCure returns "" for
// other errors.
func (st *Statement) EnumCure(pe *pq.Error) string {
	if pe == nil || pe.Routine != "enum_in" && pe.Routine != "enum_recv" {
		return ""
	}
	for _, param := range []string{"open_statuses", "final_statuses"} {
		if st.Uses(param) {
			return "; a status that is an enum is compared as text: cast(status as text) in (:" + param + ")"
		}
	}
	return ""
}
