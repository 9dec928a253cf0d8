package main

import (
	"context"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
)

// approveCmd is the command `hhrecon approve ACTION`.
type approveCmd struct {
	Action  int64  `arg:"" help:"The proposal's number: hhrecon show prints it."`
	Project string `help:"The project, if there are several." placeholder:"ID"`
}

// Run approves and executes another person's proposal. If the identity of the author is not proved, this person becomes
// the author.
func (c *approveCmd) Run(ctx context.Context, a *app) error {
	return a.withChecked(ctx, func(n *service.RunContext) error {
		project, err := n.Settings.One(c.Project)
		if err != nil {
			return err
		}
		if _, err := (actions.Who{}).Person(ctx, n.Settings, n.Store, reconcile.RoleFinance); err != nil {
			return err
		}
		now := time.Now()
		p, err := n.Store.Proposal(ctx, project.ID, c.Action, now)
		if err != nil {
			return refusal(err)
		}
		by, err := actions.Who{}.Person(ctx, n.Settings, n.Store, p.Facts.Proposes.Kind.Role())
		if err != nil {
			return err
		}
		if err := p.Check(by); err != nil {
			return refusal(err)
		}
		if project.Shadow {
			return refusal(reconcile.ErrShadow)
		}
		if p.Facts.Proposes.Kind == reconcile.ActionDecide {
			return decide(ctx, n, project.ID, p.PaymentID, p.DecisionInput(by, now))
		}
		return a.executeAction(ctx, n, p.RunAction(by, now))
	})
}
