package service

import (
	"context"
	"fmt"

	"hhrecon/reconcile"
)

// askAgain asks HighHelp again about payins of a project for what a person orders. It knows from one call to the next
// that HighHelp is down.
func (n *RunContext) AskAgain() reconcile.AskAgain {
	var r *reconcile.Engine
	return func(ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding) ([]reconcile.Finding, error) {
		if err := n.Store.CheckIdentity(ctx); err != nil {
			return nil, err
		}
		p, err := n.Settings.One(findings[0].ProjectID)
		if err != nil {
			return nil, err
		}
		w, err := n.OpenProjectRun(p)
		if err != nil {
			return nil, fmt.Errorf("HighHelp must be asked again first: %w", err)
		}
		defer w.Client.Close()
		if r == nil {
			r = w.Runner
		}
		r.Gateway = w.Client
		return r.AskAgain(ctx, rules, findings)
	}
}
