package db

import (
	"cmp"
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/lib/pq"
	litedriver "modernc.org/sqlite"
	lite "modernc.org/sqlite/lib"
)

// WrapError turns a database error into an error for people, with a remedy if a remedy is known. WrapError keeps the
// drivers' types inside this package. If the context has ended, WrapError returns the reason why it ended, unless
// the error is already a UserError. WrapError returns errors that callers act on unchanged. The caller adds the name
// of the failed operation.
func (d *DB) WrapError(ctx context.Context, err error) error {
	var plain *UserError
	switch {
	case err == nil, errors.As(err, &plain), d.known(err):
		return err
	case ctx.Err() != nil:
		return ContextError(ctx)
	}
	return &UserError{Text: d.Describe(err), Kind: Kind(err)}
}

// Kind returns ErrUnavailable, ErrLocked, ErrDenied or nil.
func Kind(err error) error {
	var pe *pq.Error
	switch {
	case IsConnLost(err):
		return ErrUnavailable
	case SQLiteCode(err)&0xff == lite.SQLITE_BUSY,
		errors.As(err, &pe) && (pe.Code == "55P03" || pe.Code == "57014"):
		return ErrLocked
	case errors.As(err, &pe) && pe.Code == "42501":
		return ErrDenied
	}
	return nil
}

// ContextError returns the cause of a context's end. The error also matches context.Canceled or
// context.DeadlineExceeded.
func ContextError(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ctx.Err()) {
		return cause
	}
	return &contextError{cause, ctx.Err()}
}

// contextError is an error with the cause of a context's end and the cause's text.
type contextError struct{ cause, kind error }

func (e *contextError) Error() string { return e.cause.Error() }

func (e *contextError) Unwrap() []error { return []error{e.cause, e.kind} }

// ErrUnavailable means that the database is down or cannot be reached. A later attempt may succeed.
var ErrUnavailable = errors.New("the database is not available")

// ErrLocked means that a row or table was locked for longer than lock_timeout or statement_timeout. A
// later attempt may succeed.
var ErrLocked = errors.New("another transaction has locked the row")

// ErrDenied means that the database user lacks a right.
var ErrDenied = errors.New("the database user lacks a required privilege: run \"hhrecon migrate --grants\" to " +
	"print the SQL that grants it")

// ErrReadOnly means that the database has default_transaction_read_only.
var ErrReadOnly = errors.New("the database is read-only")

// UserError is an error with a message for people.
type UserError struct {
	Text string
	Kind error // the error that the function Kind returns
}

func (f *UserError) Error() string { return f.Text }

func (f *UserError) Unwrap() error { return f.Kind }

// Errorf returns a UserError without a kind.
func Errorf(format string, a ...any) error { return &UserError{Text: fmt.Sprintf(format, a...)} }

// IsConnLost reports whether a connection could not be made, or was lost.
func IsConnLost(err error) bool {
	if pe, ok := errors.AsType[*pq.Error](err); ok {
		// Class 57P0 means that an operator shut the server down. 53300 means too many connections.
		return pe.Code.Class() == "08" && pe.Code != "08P01" || strings.HasPrefix(string(pe.Code), "57P0") ||
			pe.Code == "53300" || pe.Code == "08P01" && poolerIsAway.MatchString(pe.Message)
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, os.ErrDeadlineExceeded)
}

// poolerIsAway matches the messages of a PgBouncer that has no connection to the server. PgBouncer uses one code for
// all its errors.
var poolerIsAway = regexp.MustCompile(`cannot connect to server|server login|no more connections|query_wait_timeout`)

// isRetryableLoss reports whether a retry with a new connection may soon succeed. The result is true if a connection
// was lost, or was refused because the server is starting or stopping. The result is false if a connection timed out,
// because a retry would take too long.
func isRetryableLoss(err error) bool {
	if pe, ok := errors.AsType[*pq.Error](err); ok {
		return IsConnLost(err) && pe.Code != "53300" && pe.Code != "57P04" // too many connections; dropped database
	}
	var network net.Error
	silent := errors.As(err, &network) && network.Timeout() || errors.Is(err, os.ErrDeadlineExceeded)
	return IsConnLost(err) && !silent
}

// connClosedErrors are the errors of an established connection that was closed.
var connClosedErrors = []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE}

// Describe returns a message for people about a driver's error.
func (d *DB) Describe(err error) string {
	var pe *pq.Error
	switch {
	case IsMissingTable(err) && strings.Contains(err.Error(), "hhrecon_"):
		return withDialect(d.Dialect, err) + `; run "hhrecon migrate"`
	case IsMissingTable(err) && strings.Contains(err.Error(), "payins"):
		return withDialect(d.Dialect, err) + `; put the merchant's own queries into the folder HHRECON_SQL_DIR, ` +
			`or run "hhrecon migrate --sample-schema"`
	case errors.As(err, &pe):
		return d.describePostgres(pe)
	}
	var timeout net.Error
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return "the database does not answer: " + err.Error() + "; check host and port in " + d.setting() +
			", and the firewalls between this machine and the server"
	}
	if slices.ContainsFunc(connClosedErrors, func(target error) bool { return errors.Is(err, target) }) {
		return "the connection to the database was lost: the server was stopped, or the network failed"
	}
	if SQLiteCode(err)&0xff == lite.SQLITE_BUSY {
		return "another process keeps the database locked: " + err.Error()
	}
	return withDialect(d.Dialect, err) + d.connectCure(err)
}

// connectCure returns the remedy if a connection cannot be opened, or if a SQLite file cannot be used.
func (d *DB) connectCure(err error) string {
	if cure := sqliteCures[SQLiteCode(err)&0xff]; cure != "" {
		return "; " + fmt.Sprintf(cure, d.setting())
	}
	var unknownHost *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknownHost):
		return "; correct the host in " + d.setting()
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return "; start PostgreSQL, or correct host and port in " + d.setting()
	case errors.Is(err, pq.ErrSSLNotSupported):
		return "; turn on TLS in the server (ssl = on), or set sslmode=disable in " + d.setting() +
			" if the network is private"
	case errors.As(err, &certificate):
		return "; set sslrootcert to the file of the server's CA in " + d.setting()
	}
	return ""
}

// sqliteCures maps SQLite's error codes to remedies. %s is the setting with the database's URL.
var sqliteCures = map[int]string{
	lite.SQLITE_READONLY: "the file of %s and its folder must be writable for hhrecon's user, even for commands that " +
		"only read: in WAL mode SQLite writes the files -wal and -shm",
	lite.SQLITE_CANTOPEN: "correct the path in %s; its folder must exist and be writable for hhrecon's user",
	lite.SQLITE_NOTADB:   "correct the path in %s: the file is not a SQLite database",
	lite.SQLITE_FULL:     "free space on the disk of the file in %s",
}

// setting returns the setting that contains the database's URL.
func (d *DB) setting() string { return cmp.Or(d.Setting, "HHRECON_DATABASE_URL") }

// withDialect puts the name of the database system before an error's text.
func withDialect(d Dialect, err error) string {
	if pe, ok := errors.AsType[*pq.Error](err); ok {
		return "PostgreSQL: " + pe.Message
	}
	return d.String() + ": " + strings.TrimPrefix(err.Error(), "SQL logic error: ")
}

// ownTable matches PostgreSQL's messages about hhrecon's own tables and functions.
var ownTable = regexp.MustCompile(`\b(hhrecon|river)_`)

// denied matches PostgreSQL's messages about a missing privilege on an object.
var denied = regexp.MustCompile(`^permission denied for ((?:\w+ )?(?:table|view)|schema|sequence) (\S+)$`)

// grantSQL returns the statement that grants the missing privilege, or "".
func (d *DB) grantSQL(pe *pq.Error) string {
	object := denied.FindStringSubmatch(pe.Message)
	if object == nil {
		return ""
	}
	privileges := "select, update on "
	if kind := object[1]; kind == "schema" || kind == "sequence" {
		privileges = "usage on " + kind + " "
	}
	return fmt.Sprintf(": grant %s%s to %s; \"hhrecon init\" writes these statements into grants_runtime.sql", privileges,
		object[2], pq.QuoteIdentifier(d.user))
}

// postgresCures maps PostgreSQL's error codes to remedies. %s is the setting with the database's URL.
var postgresCures = map[string]string{
	"28P01": "check the user and password in %s",
	"28000": "check the user in %s",
	"3D000": "create the database, or correct %s",
	"53300": "close other connections, raise max_connections, or connect %s through a pooler such as PgBouncer",
}

func (d *DB) describePostgres(pe *pq.Error) string {
	text := "PostgreSQL: " + pe.Message
	if pe.Hint != "" {
		text += " (" + pe.Hint + ")"
	}
	switch pe.Code {
	case "57014":
		if !strings.Contains(pe.Message, "user request") { // an administrator canceled the statement
			text += "; another transaction may keep a table locked; the URL's statement_timeout sets the limit"
		}
	case "42501":
		text += "; grant hhrecon's database user this privilege"
		if ownTable.MatchString(pe.Message) {
			text += ": run part 2 of the output of \"hhrecon migrate --grants\" as the owner of the tables, " +
				"or grants_runtime.sql if hhrecon init wrote it"
		} else {
			text += d.grantSQL(pe)
		}
	case "28000":
		if strings.Contains(pe.Message, "pg_hba.conf") {
			return fmt.Sprintf("%s; add a line for this user, database and address to the server's pg_hba.conf, or correct %s "+
				"(a hostssl line needs sslmode=require) [28000]", text, d.setting())
		}
	}
	if cure := postgresCures[string(pe.Code)]; cure != "" {
		text += "; " + fmt.Sprintf(cure, d.setting())
	}
	return text + " [" + string(pe.Code) + "]"
}

// IsMissingTable reports whether a statement failed because a table does not exist.
func IsMissingTable(err error) bool {
	if pe, ok := errors.AsType[*pq.Error](err); ok {
		return pe.Code == "42P01"
	}
	return SQLiteCode(err) == lite.SQLITE_ERROR && strings.Contains(err.Error(), "no such table")
}

// IsTransient reports whether a transaction failed because of a deadlock or a serialization failure. A retry can
// succeed.
func IsTransient(err error) bool {
	var pe *pq.Error
	return errors.As(err, &pe) && (pe.Code == "40P01" || pe.Code == "40001")
}

// IsDuplicate reports whether a unique index rejected a row.
func IsDuplicate(err error) bool {
	if pe, ok := errors.AsType[*pq.Error](err); ok {
		return pe.Code == "23505"
	}
	code := SQLiteCode(err)
	return code == lite.SQLITE_CONSTRAINT_UNIQUE || code == lite.SQLITE_CONSTRAINT_PRIMARYKEY
}

// Refusal reports whether a table rejected a row because of a constraint, a trigger or a value, and returns the
// message.
func Refusal(err error) (string, bool) {
	if pe, ok := errors.AsType[*pq.Error](err); ok {
		switch pe.Code.Class() {
		case "22", "23", "44", "P0":
			return pe.Message, true
		}
		return "", false
	}
	if SQLiteCode(err)&0xff == lite.SQLITE_CONSTRAINT {
		return err.Error(), true
	}
	return "", false
}

// NotLockable reports whether a statement failed because its rows cannot be locked. Rows of a grouped view cannot be
// locked, and the user may lack the right to lock rows.
func NotLockable(err error) bool {
	var pe *pq.Error
	return errors.As(err, &pe) && (pe.Code == "0A000" || pe.Code == "42501" || pe.Code == "42809")
}

// SQLiteCode returns SQLite's error code, or 0 for other errors.
func SQLiteCode(err error) int {
	if se, ok := errors.AsType[*litedriver.Error](err); ok {
		return se.Code()
	}
	return 0
}

// OwnTableError wraps the error of one of hhrecon's own tables. Without the wrapper, a user could mistake the error for
// an error of the merchant's table.
func (d *DB) OwnTableError(table string, err error) error {
	if _, refused := Refusal(err); refused {
		return Errorf("%s: %s", table, d.Describe(err))
	}
	return err
}
