package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
)

// eraseCmd is the command `hhrecon erase --payment-id ID`.
type eraseCmd struct {
	PaymentID string `name:"payment-id" required:"" help:"The payin." placeholder:"ID"`
	Project   string `help:"The project, if there are several." placeholder:"ID"`

	actions.Who `embed:""`
}

func (c *eraseCmd) Run(ctx context.Context, a *app) error {
	if strings.TrimSpace(c.Note) == "" {
		return config.UsageErrorf("give the reason for the audit log: --note TEXT")
	}
	return a.withStore(ctx, func(n *service.RunContext) error {
		p, err := n.Settings.One(c.Project)
		if err != nil {
			return err
		}
		by, err := c.Person(ctx, n.Settings, n.Store, reconcile.RoleAdmin)
		if err != nil {
			return err
		}
		done, err := n.Store.ErasePayin(ctx, p.ID, c.PaymentID, by, c.Note)
		if err == nil && done == (reconcile.Erasure{}) {
			_, err = n.Store.LatestFinding(ctx, p.ID, c.PaymentID)
		}
		switch {
		case errors.Is(err, reconcile.ErrNoFinding):
			return config.UsageErrorf("nothing is stored about payin %q: check the id; later answers about it are not stored",
				c.PaymentID)
		case errors.Is(err, reconcile.ErrOpenRun):
			return exit.With(exit.Busy, fmt.Errorf("nothing is erased: %w", err))
		case err != nil:
			return err
		}
		fmt.Fprintf(a.Stdout, "%q: erased %s and %s.\n", c.PaymentID,
			console.Counted(done.Answers, "answer"), console.Counted(done.Alerts, "alert"))
		if done.Inline == 0 {
			return nil
		}
		return exit.With(exit.Untrusted, fmt.Errorf("the audit log keeps the answers in %s of version 1 (the latest "+
			"from %s) until the project's retention deletes them: see \"hhrecon help personal-data\"",
			console.Counted(done.Inline, "entry"), done.InlineLatest.In(n.Settings.Zone).Format(time.DateOnly)))
	})
}
