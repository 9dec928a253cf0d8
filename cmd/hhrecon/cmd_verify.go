package main

import (
	"context"
	"errors"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
)

// verifyCmd is `hhrecon verify`.
type verifyCmd struct {
	Project string `help:"Only this project; none: sign-ins and users." placeholder:"ID"`
	Head    string `help:"Also compare with this head of a report, of one project." placeholder:"N:HASH"`
}

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		err := auditlog.Verify(ctx, store, s, c.Project, c.Head, a.stdout)
		if errors.Is(err, auditlog.ErrNotProved) {
			err = &exitError{exitUntrusted, err}
		}
		return err
	})
}
