package main

import (
	"context"
	"fmt"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
)

// replayCmd is the command `hhrecon replay N`.
type replayCmd struct {
	RunID   int64 `arg:"" name:"n" help:"The run."`
	Current bool  `help:"Judge by the current settings instead of the run's."`
}

// Run judges the stored answers again and prints every difference. Run sends no requests.
func (c *replayCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		run, err := service.FindRun(ctx, n.Store, c.RunID)
		if err != nil {
			return err
		}
		rules := run.Rules
		if c.Current {
			p, err := n.Settings.One(run.ProjectID)
			if err != nil {
				return err
			}
			rules = p.Rules(run.StartedAt)
		}
		same, different, erased := 0, 0, 0
		for f, err := range n.Store.Findings(ctx, reconcile.ReportScope{RunID: c.RunID, Answers: true}) {
			if err != nil {
				return err
			}
			if f.Result == reconcile.ResultAnswered && f.Answer == "" {
				erased++
				continue
			}
			again, err := reconcile.Replay(&f, &rules)
			if err != nil {
				return err
			}
			if again.Outcome == f.Outcome && again.Causes == f.Causes && again.After == f.After &&
				again.PaidAmount == f.PaidAmount {
				same++
				continue
			}
			different++
			fmt.Fprintf(a.Stdout, "%q: was %s, %s {%s}; now %s, %s {%s}\n", f.PaymentID,
				f.Outcome, actions.StateText(f.After, f.Currency), f.Causes, again.Outcome,
				actions.StateText(again.After, f.Currency), again.Causes)
		}
		fmt.Fprintf(a.Stdout, "%s judged again: %d the same, %d different.\n",
			console.Counted(same+different, "finding"), same, different)
		if erased > 0 {
			fmt.Fprintf(a.Stdout, "%d more are not judged: their answers were erased (see \"hhrecon help "+
				"personal-data\").\n", erased)
		}
		if different > 0 {
			return exit.With(exit.Failed, nil)
		}
		return nil
	})
}
