// Package exit defines the exit statuses of the program. With returns an error with a status. Code returns the status
// of an error. An error without a status has status Failed, or Usage if the arguments or settings are wrong.
package exit

import (
	"errors"
	"fmt"
	"slices"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
	"hhrecon/sql/identity"
)

// Exit statuses. Users' scripts depend on these numbers.
const (
	OK        = 0
	Failed    = 1 // the command failed; its finished work is stored, and --resume continues the run
	Usage     = 2 // wrong command line or settings; nothing was done
	Untrusted = 3 // some payins are unreachable or unverifiable, or an audit head is not proved
	Busy      = 4 // another run of the project is in progress
	Held      = 5 // finished, but corrections are held and a person must check them
)

// statusError is an error with an exit status.
type statusError struct {
	code  int
	cause error
}

// With returns an error that ends the program with a status. If the cause is nil, nothing is printed.
func With(code int, cause error) error { return &statusError{code, cause} }

func (e *statusError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.cause.Error()
}

func (e *statusError) Unwrap() error { return e.cause }

// Cause returns the part of an error that must still be printed, or nil if there is none.
func Cause(err error) error {
	if status, ok := errors.AsType[*statusError](err); ok {
		return status.cause
	}
	return err
}

// Code returns the exit status of a command that ended with an error or nil.
func Code(err error) int {
	var status *statusError
	var usage *config.UsageError
	switch {
	case err == nil:
		return OK
	case errors.As(err, &status):
		return status.code
	case errors.Is(err, auditlog.ErrNotProved):
		return Untrusted
	case errors.As(err, &usage), errors.Is(err, sql.ErrNewerSchema), errors.Is(err, sql.ErrReadOnly),
		errors.Is(err, sql.ErrClock), errors.Is(err, identity.ErrCopy):
		return Usage
	}
	return Failed
}

// gravity lists the exit statuses, the least serious first.
var gravity = []int{OK, Untrusted, Held, Busy, Usage, Failed}

// Join joins errors into one error with the most serious of their statuses. Join returns nil if all errors are nil.
func Join(errs ...error) error {
	worst, all := OK, []error(nil)
	for _, err := range errs {
		if err != nil {
			all = append(all, Cause(err))
		}
		if slices.Index(gravity, Code(err)) > slices.Index(gravity, worst) {
			worst = Code(err)
		}
	}
	if worst == OK {
		return nil
	}
	return With(worst, errors.Join(all...))
}
