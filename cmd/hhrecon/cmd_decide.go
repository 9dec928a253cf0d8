package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/workbook"
)

// decideCmd is the command `hhrecon decide`.
type decideCmd struct {
	PaymentID string `name:"payment-id" help:"The payin." placeholder:"ID" xor:"what"`
	From      string `help:"A workbook with decisions filled in." placeholder:"FILE.xlsx" xor:"what" type:"existingfile"`
	Project   string `help:"The project, if there are several." placeholder:"ID"`
	Accept    bool   `help:"Write HighHelp's answer into the row." xor:"choice"`
	Decline   bool   `help:"Decline the payin." xor:"choice"`
	Keep      bool   `help:"Leave the row as it is." xor:"choice"`

	actions.Who `embed:""`
}

func (c *decideCmd) Run(ctx context.Context, a *app) error {
	choice := map[bool]reconcile.Choice{c.Accept: reconcile.ChoiceAccept, c.Decline: reconcile.ChoiceDecline,
		c.Keep: reconcile.ChoiceKeep}[true]
	switch {
	case c.By != "" && strings.TrimSpace(c.By) == "":
		return config.UsageErrorf("--by is empty: name the person who decides")
	case c.PaymentID == "" && c.From == "":
		return config.UsageErrorf("name the payin: --payment-id ID, or --from FILE.xlsx for many")
	case c.From != "" && choice != "":
		return config.UsageErrorf("the workbook has the decision about each payin: omit --accept, --decline and --keep")
	case c.From == "" && choice == "":
		return config.UsageErrorf("choose one of --accept, --decline and --keep")
	case c.From == "" && c.Note == "":
		return config.UsageErrorf("give the reason for the audit log: --note TEXT")
	}
	return a.withChecked(ctx, func(n *service.RunContext) error {
		by, err := c.Person(ctx, n.Settings, n.Store, reconcile.RoleFinance)
		if err != nil {
			return err
		}
		if c.From != "" {
			return c.decideWorkbook(ctx, n, by)
		}
		p, err := n.Settings.One(c.Project)
		if err != nil {
			return err
		}
		return decide(ctx, n, p.ID, c.PaymentID, reconcile.DecisionInput{
			Choice: choice, By: by.Name, Note: c.Note, At: time.Now(), Consent: actions.ConsentOf(n.Settings, p.ID, by),
		})
	})
}

// decide applies a decision about one payin.
func decide(ctx context.Context, n *service.RunContext, projectID, paymentID string, w reconcile.DecisionInput) error {
	decision, err := reconcile.NewDecision(ctx, n.Store, projectID, paymentID, w)
	var action reconcile.Action
	if err == nil {
		decisions := []reconcile.Decision{decision}
		if _, err := reconcile.QueryDecisions(ctx, n.AskAgain(), decisions); err != nil {
			return fmt.Errorf("nothing is written: %w", err)
		}
		action, err = n.Store.ApplyDecision(ctx, decisions[0])
	}
	if errors.Is(err, reconcile.ErrDecided) {
		err = fmt.Errorf("%w: run \"hhrecon show %d --payment-id %s\" to see who decided", err, decision.RunID, paymentID)
	}
	if err != nil {
		return refusal(fmt.Errorf("payin %q: %w", paymentID, err))
	}
	if action.Result != reconcile.CorrectionApplied && action.Result != reconcile.CorrectionNone {
		err := fmt.Errorf("payin %q is not changed: %s", paymentID, i18n.English().Sentence(action.Reason))
		return exit.With(exit.Untrusted, err)
	}
	if action.Kind == reconcile.ActionPropose {
		fmt.Fprintln(n.Stdout, actions.ProposalText(&action))
		return exit.With(exit.Held, nil)
	}
	fmt.Fprintf(n.Stdout, "%q: %s, decided by %s; the row is now %s\n", paymentID, w.Choice, action.Author(),
		actions.StateText(action.After, action.Currency))
	return nil
}

// refusals lists the errors of decisions that are not possible. All other errors are failures.
var refusals = []error{reconcile.ErrNotUndecided, reconcile.ErrNoFinding, reconcile.ErrDecided, reconcile.ErrOpenRun,
	reconcile.ErrDryRun, reconcile.ErrNoRun, reconcile.ErrNotApproved, reconcile.ErrShadow}

func isRefusal(err error) bool {
	return slices.ContainsFunc(refusals, func(target error) bool { return errors.Is(err, target) })
}

// refusal adds the exit status to an error of a decision.
func refusal(err error) error {
	if isRefusal(err) {
		return exit.With(exit.Usage, err)
	}
	if errors.As(err, new(*reconcile.HeldError)) {
		return exit.With(exit.Busy, err)
	}
	return err
}

// decideWorkbook checks every line of a workbook, prints the refused lines, and applies the other lines.
func (c *decideCmd) decideWorkbook(ctx context.Context, n *service.RunContext, by reconcile.Person) error {
	file, err := os.Open(c.From)
	if err != nil {
		return config.UsageErrorf("%w", err)
	}
	defer file.Close()
	rows, faults, err := workbook.ReadDecisions(file)
	if err != nil {
		return config.UsageErrorf("%s: %w", c.From, err)
	}
	refused := 0
	refuse := func(sheet string, line int, paymentID string, why error) {
		refused++
		fmt.Fprintf(n.Stdout, "%s, line %d, %q: refused: %v\n", sheet, line, paymentID, why)
	}
	for _, f := range faults {
		refuse(f.Sheet, f.Line, f.PaymentID, errors.New(f.Text))
	}
	decisions := make([]reconcile.Decision, 0, len(rows))
	lines := make([]workbook.DecisionRow, 0, len(rows))
	for _, row := range rows {
		decision, err := c.decisionOfRow(ctx, n, row, by)
		if err != nil && !isRefusal(err) {
			return fmt.Errorf("nothing is written: line %d: %w", row.Line, err)
		}
		if err != nil {
			refuse(row.Sheet, row.Line, row.PaymentID, err)
			continue
		}
		decisions, lines = append(decisions, decision), append(lines, row)
	}
	taken, proposed, asked, ask := 0, 0, 0, n.AskAgain()
	for i := range decisions {
		var err error
		if i == asked {
			more, failed := reconcile.QueryDecisions(ctx, ask, decisions[i:])
			asked, err = asked+more, failed
		}
		var action reconcile.Action
		if err == nil {
			action, err = n.Store.ApplyDecision(ctx, decisions[i])
		}
		switch {
		case errors.Is(err, reconcile.ErrDecided):
		case err != nil:
			return fmt.Errorf("%s written, then line %d failed: %w\nrun the same command again to continue",
				console.Counted(taken, "decision"), lines[i].Line, err)
		case action.Result != reconcile.CorrectionApplied && action.Result != reconcile.CorrectionNone:
			err = errors.New(i18n.English().Sentence(action.Reason))
		case action.Kind == reconcile.ActionPropose:
			proposed++
			fmt.Fprintln(n.Stdout, actions.ProposalText(&action))
			continue
		default:
			taken++
			continue
		}
		refuse(lines[i].Sheet, lines[i].Line, lines[i].PaymentID, err)
	}
	fmt.Fprintf(n.Stdout, "%s written, %d refused.\n", console.Counted(taken, "decision"), refused)
	if len(rows)+len(faults) == 0 {
		fmt.Fprintln(n.Stdout, "No line has a decision: write accept, decline or keep into the column Decision of the "+
			"sheet Different amounts.")
	}
	switch {
	case refused > 0:
		return exit.With(exit.Untrusted, nil)
	case proposed > 0:
		return exit.With(exit.Held, nil)
	}
	return nil
}

// decisionOfRow returns the decision in a line of a workbook. The line must contain the latest finding of the payin.
func (c *decideCmd) decisionOfRow(ctx context.Context, n *service.RunContext, row workbook.DecisionRow,
	by reconcile.Person) (reconcile.Decision, error) {
	run, err := n.Store.Run(ctx, row.RunID)
	if err != nil {
		return reconcile.Decision{}, fmt.Errorf("run %d: %w", row.RunID, err)
	}
	decision, err := reconcile.NewDecision(ctx, n.Store, run.ProjectID, row.PaymentID, reconcile.DecisionInput{
		Choice: row.Choice, By: by.Name, Note: cmp.Or(row.Note, c.Note), At: time.Now(),
		Consent: actions.ConsentOf(n.Settings, run.ProjectID, by),
	})
	if err == nil && (decision.RunID != row.RunID || decision.Seq != row.Seq) {
		err = fmt.Errorf("%w: the workbook belongs to run %d, but this payin was reconciled again in run %d: use that run's "+
			"workbook",
			reconcile.ErrNotUndecided, row.RunID, decision.RunID)
	}
	return decision, err
}
