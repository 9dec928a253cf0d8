package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/sql"
)

// supportCmd is the command `hhrecon support`. The command manages questions for HighHelp's support.
type supportCmd struct {
	List supportListCmd `cmd:"" help:"List the payins to ask HighHelp support about."`
	Mark supportMarkCmd `cmd:"" help:"Record that a question was sent or answered, or that a payin is settled."`
}

// supportScope contains the flags that select payins. Both subcommands have these flags.
type supportScope struct {
	Project string `help:"Only this project." placeholder:"ID"`
	From    string `help:"Only runs started at or after this time; default: 90 days ago." placeholder:"D"`
	To      string `help:"Only runs started before this time; default: now." placeholder:"D"`
}

func (c *supportScope) cases(ctx context.Context, s *config.Settings, store *sql.Store) ([]reports.Case, error) {
	now := time.Now()
	window, err := config.ParseWindow(c.From, c.To, s.Zone, reconcile.Window{From: now.AddDate(0, 0, -90), To: now})
	if err != nil {
		return nil, err
	}
	return reports.SupportCases(ctx, store, store, reconcile.ReportScope{ProjectID: c.Project, Window: window})
}

// supportListCmd is the command `hhrecon support list`.
type supportListCmd struct {
	supportScope `embed:""`
	State        []string `help:"Default: all states except settled." enum:"new,sent,answered,settled" placeholder:"STATE"`
	Format       string   `help:"table, text (a letter to HighHelp support) or csv." enum:"table,text,csv" default:"table"`
}

func (c *supportListCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		cases, err := c.cases(ctx, n.Settings, n.Store)
		if err != nil {
			return err
		}
		cases = slices.DeleteFunc(cases, func(k reports.Case) bool { return !c.wants(k.State) })
		o := reports.Options{Zone: n.Settings.Zone, Projects: n.Settings.ProjectNames(), Version: version, Now: time.Now()}
		switch c.Format {
		case "text":
			return reports.WriteSupportLetter(a.Stdout, cases, o)
		case "csv":
			return reports.WriteSupportCSV(a.Stdout, cases, o)
		}
		if len(cases) == 0 {
			fmt.Fprintln(a.Stdout, "There are no questions for HighHelp's support.")
			return nil
		}
		summary.WriteCases(a.Stdout, cases, n.Settings.Zone)
		return nil
	})
}

func (c *supportListCmd) wants(state reconcile.SupportState) bool {
	if len(c.State) == 0 {
		return state != reconcile.SupportSettled
	}
	return slices.Contains(c.State, string(state))
}

// supportMarkCmd is the command `hhrecon support mark`.
type supportMarkCmd struct {
	supportScope `embed:""`
	State        string   `arg:"" help:"sent, answered, settled, or new to ask again." enum:"new,sent,answered,settled"`
	PaymentID    []string `name:"payment-id" help:"The payin; may be repeated." placeholder:"ID" sep:"none"`
	All          string   `help:"All payins in this state." placeholder:"STATE"`
	Note         string   `help:"A note, such as the ticket's number." placeholder:"TEXT"`
	By           string   `required:"" help:"Your name, for the audit log." placeholder:"NAME"`
}

func (c *supportMarkCmd) Run(ctx context.Context, a *app) error {
	switch {
	case (len(c.PaymentID) == 0) == (c.All == ""):
		return config.UsageErrorf("name the payins: --payment-id ID, or --all new")
	case c.All != "" && !slices.Contains(reconcile.SupportStates, reconcile.SupportState(c.All)):
		return config.UsageErrorf("--all %q is not a state: use new, sent, answered or settled", c.All)
	}
	if strings.TrimSpace(c.By) == "" {
		return config.UsageErrorf("--by is empty: name the person who changes the state")
	}
	return a.withStore(ctx, func(n *service.RunContext) error {
		by, err := actions.Who{By: c.By, Note: c.Note}.Person(ctx, n.Settings, n.Store, reconcile.RoleFinance)
		if err != nil {
			return err
		}
		c.By = by.Name
		cases, err := c.cases(ctx, n.Settings, n.Store)
		if err != nil {
			return err
		}
		marks, err := c.marks(cases, time.Now())
		if err != nil {
			return err
		}
		if err := n.Store.SaveSupportCases(ctx, marks); err != nil {
			return err
		}
		fmt.Fprintf(a.Stdout, "%s marked %s.\n", console.Counted(len(marks), "payin"), c.State)
		return nil
	})
}

// marks returns the new support state of each selected payin. If there is no question about a named payin,
// marks returns an error.
func (c *supportMarkCmd) marks(cases []reports.Case, now time.Time) ([]reconcile.SupportCase, error) {
	var marks []reconcile.SupportCase
	met := make(map[string]string) // projects by payment ID
	for i := range cases {
		k := &cases[i]
		if !slices.Contains(c.PaymentID, k.PaymentID) && (c.All == "" || c.All != string(k.State)) {
			continue
		}
		if other, twice := met[k.PaymentID]; twice && c.All == "" {
			return nil, config.UsageErrorf("two projects have a payin %q: %s and %s; name one with --project", k.PaymentID,
				other, k.ProjectID)
		}
		met[k.PaymentID] = k.ProjectID
		marks = append(marks, k.MarkAs(reconcile.SupportState(c.State), c.By, c.Note, now))
	}
	for _, id := range c.PaymentID {
		if _, known := met[id]; !known {
			return nil, config.UsageErrorf("there is no question for HighHelp's support about payin %q: run \"hhrecon "+
				"support list\" to list the questions; nothing was marked", id)
		}
	}
	return marks, nil
}
