// Package exit has the exit statuses of the program, and the errors that carry one: With makes such an error, Code
// reads its status. An error without a status of its own is Failed or, if the user gave something wrong, Usage.
package main

import (
	"errors"
	"fmt"
	"slices"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
	"hhrecon/sql/identity"
)

// The exit statuses that users script against.
const (
	exitOK        = 0
	exitFailed    = 1 // what was done is stored, and --resume continues
	exitUsage     = 2 // wrong use or settings; nothing was done
	exitUntrusted = 3 // finished, but some payins are unreachable or unverifiable, or an audit head is not proved
	exitBusy      = 4 // another run holds the project
	exitHeld      = 5 // finished, and corrections are held: a person must look
)

// exitError is an error with an exit status.
type exitError struct {
	code  int
	cause error
}

// withStatus returns an error that ends the program with a status. A nil cause prints nothing.
func withStatus(code int, cause error) error { return &exitError{code, cause} }

func (e *exitError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

// unprinted returns the part of an error that is still to be printed, or nil.
func unprinted(err error) error {
	var status *exitError
	if errors.As(err, &status) {
		return status.cause
	}
	return err
}

// codeOf returns the exit status of a command that ended with an error or nil.
func codeOf(err error) int {
	var status *exitError
	var usage *config.UsageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return status.code
	case errors.Is(err, auditlog.ErrNotProved):
		return exitUntrusted
	case errors.As(err, &usage), errors.Is(err, sql.ErrNewerSchema), errors.Is(err, sql.ErrReadOnly),
		errors.Is(err, sql.ErrClock), errors.Is(err, identity.ErrCopy):
		return exitUsage
	}
	return exitFailed
}

// gravity orders the statuses, from the least to the most serious.
var gravity = []int{exitOK, exitUntrusted, exitHeld, exitBusy, exitUsage, exitFailed}

// joinErrors returns all errors as one, with the most serious of their statuses; nil if all are nil.
func joinErrors(errs ...error) error {
	worst, all := exitOK, []error(nil)
	for _, err := range errs {
		if err != nil {
			all = append(all, unprinted(err))
		}
		if slices.Index(gravity, codeOf(err)) > slices.Index(gravity, worst) {
			worst = codeOf(err)
		}
	}
	if worst == exitOK {
		return nil
	}
	return withStatus(worst, errors.Join(all...))
}
