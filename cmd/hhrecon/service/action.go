package service

import (
	"context"
	"fmt"

	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
)

// AskAgain returns a function that queries payins at HighHelp again before an action changes their rows. If one query
// finds that HighHelp is down, later calls of the function fail immediately.
func (rc *RunContext) AskAgain() reconcile.AskAgain {
	var r *run.Engine
	return func(ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding) ([]reconcile.Finding, error) {
		if err := rc.Store.CheckIdentity(ctx); err != nil {
			return nil, err
		}
		p, err := rc.Settings.One(findings[0].ProjectID)
		if err != nil {
			return nil, err
		}
		w, err := rc.OpenProjectRun(p)
		if err != nil {
			return nil, fmt.Errorf("cannot query HighHelp again before the change: %w", err)
		}
		defer w.Client.Close()
		if r == nil {
			r = w.Runner
		}
		r.Gateway = w.Client
		return r.AskAgain(ctx, rules, findings)
	}
}
