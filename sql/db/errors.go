package db

import (
	"context"
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

// WrapError puts an error of a database into words for people, with its cure where there is one, and
// keeps the drivers' types inside this package. A context that has ended is the reason of whatever
// came of it, unless it is in words already. Errors that a caller acts on pass unchanged. The caller names the work
// that failed.
func (d *DB) WrapError(ctx context.Context, err error) error {
	var plain *UserError
	switch {
	case err == nil, errors.As(err, &plain), d.known(err):
		return err
	case ctx.Err() != nil:
		return Ended(ctx)
	}
	return &UserError{Text: d.Describe(err), Kind: Kind(err)}
}

// Kind is ErrUnavailable, ErrLocked, ErrDenied or nil.
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

// Ended says why a context has ended: by its cause, and always as context.Canceled or context.DeadlineExceeded.
func Ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ctx.Err()) {
		return cause
	}
	return &endError{cause, ctx.Err()}
}

// endError is a cause in its own words, and the kind of a context's end.
type endError struct{ cause, kind error }

func (e *endError) Error() string { return e.cause.Error() }

func (e *endError) Unwrap() []error { return []error{e.cause, e.kind} }

// ErrUnavailable is the kind of all errors that say that the database is down or out of reach: nothing is
// wrong with what was asked of it, and a later try may go well.
var ErrUnavailable = errors.New("the database is not available")

// ErrLocked is the kind of those that say that a row or table was locked for longer than lock_timeout or
// statement_timeout. A later try may go well.
var ErrLocked = errors.New("another transaction keeps the row locked")

// ErrDenied is the kind of those that say that the database user has no right to something.
var ErrDenied = errors.New("the database user has no right to it")

// ErrReadOnly is the kind of those that say that default_transaction_read_only is set.
var ErrReadOnly = errors.New("the database is read-only")

// UserError is an error in words for people.
type UserError struct {
	Text string
	Kind error // as Kind says
}

func (f *UserError) Error() string { return f.Text }

func (f *UserError) Unwrap() error { return f.Kind }

// Errorf makes an error in words for people.
func Errorf(format string, a ...any) error { return &UserError{Text: fmt.Sprintf(format, a...)} }

// IsConnLost tells whether an error is that of a connection that cannot be made, or is lost.
func IsConnLost(err error) bool {
	var pe *pq.Error
	if errors.As(err, &pe) {
		// Of class 57 only what an operator does; 53300 is too many connections.
		return pe.Code.Class() == "08" && pe.Code != "08P01" || strings.HasPrefix(string(pe.Code), "57P0") ||
			pe.Code == "53300" || pe.Code == "08P01" && poolerIsAway.MatchString(pe.Message)
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, os.ErrDeadlineExceeded)
}

// poolerIsAway matches what PgBouncer says if it has no connection to the server. It has one code for all its errors.
var poolerIsAway = regexp.MustCompile(`cannot connect to server|server login|no more connections|query_wait_timeout`)

// lost tells whether a connection broke off, or was refused because the server is just coming or going, so that
// another one may stand in a moment. One that was silent until its time-out has cost too much time already.
func lost(err error) bool {
	var pe *pq.Error
	if errors.As(err, &pe) {
		return IsConnLost(err) && pe.Code != "53300" && pe.Code != "57P04" // too many connections; the database is dropped
	}
	var network net.Error
	silent := errors.As(err, &network) && network.Timeout() || errors.Is(err, os.ErrDeadlineExceeded)
	return IsConnLost(err) && !silent
}

// brokenOff are the errors of a connection that stood.
var brokenOff = []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE}

// Describe puts a driver's error into words for people.
func (d *DB) Describe(err error) string {
	var pe *pq.Error
	switch {
	case IsMissingTable(err) && strings.Contains(err.Error(), "hhrecon_"):
		return plain(d.Dialect, err) + `; run "hhrecon migrate"`
	case IsMissingTable(err) && strings.Contains(err.Error(), "payins"):
		return plain(d.Dialect, err) + `; put the merchant's own queries into the folder HHRECON_SQL_DIR, ` +
			`or run "hhrecon migrate --sample-schema"`
	case errors.As(err, &pe):
		return describePostgres(pe)
	}
	var timeout net.Error
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return "the database does not answer: " + err.Error()
	}
	if slices.ContainsFunc(brokenOff, func(target error) bool { return errors.Is(err, target) }) {
		return "the connection to the database was lost: the server was stopped, or the network between broke off"
	}
	if SQLiteCode(err)&0xff == lite.SQLITE_BUSY {
		return "another process keeps the database locked: " + err.Error()
	}
	return plain(d.Dialect, err)
}

// plain says which database an error came from.
func plain(d Dialect, err error) string {
	var pe *pq.Error
	if errors.As(err, &pe) {
		return "PostgreSQL: " + pe.Message
	}
	return d.String() + ": " + strings.TrimPrefix(err.Error(), "SQL logic error: ")
}

// ownTable matches what PostgreSQL says of hhrecon's own tables and functions.
var ownTable = regexp.MustCompile(`\b(hhrecon|river)_`)

func describePostgres(pe *pq.Error) string {
	text := "PostgreSQL: " + pe.Message
	if pe.Hint != "" {
		text += " (" + pe.Hint + ")"
	}
	switch pe.Code {
	case "57014":
		if !strings.Contains(pe.Message, "user request") { // an administrator's
			text += "; another transaction may keep a table locked; the URL's statement_timeout sets the limit"
		}
	case "42501":
		text += "; hhrecon's user needs the right to it"
		if ownTable.MatchString(pe.Message) {
			text += ": run part 2 of what \"hhrecon migrate --grants\" prints, as the owner of the tables"
		}
	case "28P01", "28000":
		text += "; see the user and password in HHRECON_DATABASE_URL"
	case "3D000":
		text += "; create it, or see HHRECON_DATABASE_URL"
	}
	return text + " [" + string(pe.Code) + "]"
}

// IsMissingTable tells whether a statement failed because a table is not there.
func IsMissingTable(err error) bool {
	var pe *pq.Error
	if errors.As(err, &pe) {
		return pe.Code == "42P01"
	}
	return SQLiteCode(err) == lite.SQLITE_ERROR && strings.Contains(err.Error(), "no such table")
}

// IsTransient tells whether a transaction failed for a reason that is gone when it is tried again: a
// deadlock, or a serialization failure.
func IsTransient(err error) bool {
	var pe *pq.Error
	return errors.As(err, &pe) && (pe.Code == "40P01" || pe.Code == "40001")
}

// IsDuplicate tells whether a unique index refused a row.
func IsDuplicate(err error) bool {
	var pe *pq.Error
	if errors.As(err, &pe) {
		return pe.Code == "23505"
	}
	code := SQLiteCode(err)
	return code == lite.SQLITE_CONSTRAINT_UNIQUE || code == lite.SQLITE_CONSTRAINT_PRIMARYKEY
}

// Refusal tells whether a table would not take a row, because of a constraint, a trigger or a value,
// and in which words.
func Refusal(err error) (string, bool) {
	var pe *pq.Error
	if errors.As(err, &pe) {
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

// NotLockable tells whether a statement failed because its rows cannot be locked: of a view that groups, or without the
// right to.
func NotLockable(err error) bool {
	var pe *pq.Error
	return errors.As(err, &pe) && (pe.Code == "0A000" || pe.Code == "42501" || pe.Code == "42809")
}

// SQLiteCode is the code of an error of SQLite; 0 for another error.
func SQLiteCode(err error) int {
	var se *litedriver.Error
	if errors.As(err, &se) {
		return se.Code()
	}
	return 0
}

// NoRefusal keeps a refusal by a table of hhrecon's from being taken for one by the merchant's.
func (d *DB) NoRefusal(table string, err error) error {
	if _, refused := Refusal(err); refused {
		return Errorf("%s: %s", table, d.Describe(err))
	}
	return err
}
