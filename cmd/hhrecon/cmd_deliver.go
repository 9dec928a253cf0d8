package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
	"hhrecon/reports/mail"
	"hhrecon/sql"
)

// deliverCmd is `hhrecon deliver`.
type deliverCmd struct {
	RunID int64         `arg:"" optional:"" name:"n" help:"Send this run's report again: to all who were to get it, or to --to. Without it: try what is due, and list what waits or was given up."`
	To    []string      `help:"Only to this address, which need be in no schedule; may be repeated." placeholder:"ADDRESS" sep:"none"`
	By    string        `help:"Who has it sent again; stands in the mail. Default the system's user." placeholder:"NAME"`
	Wait  time.Duration `name:"email-wait" help:"How long to go on trying." default:"5m" placeholder:"5m"`
}

func (c *deliverCmd) Run(ctx context.Context, a *app) error {
	if c.RunID == 0 && len(c.To) > 0 {
		return usageError("say which run's report: hhrecon deliver N --to ADDRESS")
	}
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		n := &RunContext{app: a, Settings: s, Store: store}
		if c.RunID == 0 {
			return c.due(ctx, n)
		}
		return c.again(ctx, n)
	})
}

// due tries what is due once, and lists what is left.
func (c *deliverCmd) due(ctx context.Context, n *RunContext) error {
	missed := n.publishMissed(ctx)
	courier, failed := n.mailer(reconcile.ThisProcess())
	if failed == nil {
		_, failed = courier.Deliver(ctx)
	}
	failed = errors.Join(missed, failed)
	var left []reconcile.Delivery
	for _, state := range []reconcile.DeliveryState{reconcile.DeliveryWaiting, reconcile.DeliverySending,
		reconcile.DeliveryGivenUp} {
		some, err := n.Store.Deliveries(ctx, reconcile.DeliveryFilter{State: state})
		if err != nil {
			return errors.Join(failed, err)
		}
		left = append(left, some...)
	}
	if len(left) == 0 {
		fmt.Fprintln(n.Stdout, "No report waits to be sent, and none was given up.")
		if missed == nil && errors.Is(failed, errNoMailServer) {
			return nil
		}
		return failed
	}
	summary.WriteDeliveries(n.Stdout, left, n.Settings.Zone)
	if failed == nil {
		failed = &exitError{code: exitFailed}
	}
	return failed
}

// again sends a run's report again.
func (c *deliverCmd) again(ctx context.Context, n *RunContext) error {
	recipients, err := n.Settings.Named("--to", c.To)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, n.Store, c.RunID)
	if err == nil && run.DryRun {
		err = usageError("run %d: %w", c.RunID, reconcile.ErrDryRun)
	}
	if err != nil {
		return err
	}
	by, err := actions.Who{By: c.By}.Person(ctx, n.Settings, n.Store, reconcile.RoleAdmin)
	if err != nil {
		return err
	}
	switch _, err := n.Store.Resend(ctx, c.RunID, recipients, by.Name, time.Now()); {
	case errors.Is(err, reconcile.ErrNoReport):
		return usageError("run %d: %w: say to whom with --to ADDRESS", c.RunID, err)
	case errors.Is(err, reconcile.ErrOpenRun):
		return usageError("run %d: %w", c.RunID, err)
	case err != nil:
		return err
	}
	deliveries, err := n.Store.Deliveries(ctx, reconcile.DeliveryFilter{RunID: c.RunID})
	if err != nil {
		return err
	}
	failed := n.deliver(ctx, reportFilter{reportsOf(deliveries), recipients}, c.Wait)
	if deliveries, err = n.Store.Deliveries(ctx, reconcile.DeliveryFilter{RunID: c.RunID}); err != nil {
		return errors.Join(failed, err)
	}
	summary.WriteDeliveries(n.Stdout, deliveries, n.Settings.Zone)
	return failed
}

func reportsOf(deliveries []reconcile.Delivery) []int64 {
	var ids []int64
	for _, d := range deliveries {
		ids = append(ids, d.Report.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// mailer sends what the ledger has. It returns errNoServer where no mail server is set.
func (n *RunContext) mailer(owner reconcile.Owner) (*mail.Mailer, error) {
	s := n.Settings
	if s.SMTPURL == "" {
		return nil, errNoMailServer
	}
	server, err := mail.ParseServer(s.SMTPURL)
	if err != nil {
		return nil, usageError("%w", err)
	}
	return &mail.Mailer{
		Ledger: n.Store, Archive: n.Store, Server: server, Owner: owner, Log: n.Log, Now: time.Now,
		Tried:   func(_ reconcile.Delivery, r mail.Result) { n.Metrics.CountMail(r.Err) },
		GivenUp: n.notifyGivenUp,
		Options: mail.Options{Reports: n.reportOptions(), From: s.MailFrom, PageURL: s.PageURL,
			MaxAttachment: s.MaxAttachment},
	}, nil
}

// deliver sends what is due, and tries again for as long as it is given, until what is wanted has
// left. It returns an error that says what waits, or will never be sent.
func (n *RunContext) deliver(ctx context.Context, wanted reportFilter, within time.Duration) error {
	courier, err := n.mailer(reconcile.ThisProcess())
	if errors.Is(err, errNoMailServer) && len(wanted.reports) == 0 {
		return nil
	}
	if err != nil {
		n.Log.Error("reports cannot be sent, and wait", "error", err)
		return errors.Join(err, n.unsent(ctx, wanted))
	}
	for deadline := time.Now().Add(within); ; {
		if _, err := courier.Deliver(ctx); err != nil {
			return errors.Join(err, n.unsent(context.WithoutCancel(ctx), wanted))
		}
		next, err := n.nextTry(ctx, wanted)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(deadline) || !pause(ctx, time.Until(next)) {
			return n.unsent(ctx, wanted)
		}
	}
}

// sendingPoll is how soon to look at what another process sends just now.
const sendingPoll = time.Second

// nextTry is when the first of the deliveries is to be tried again; zero where none is.
func (n *RunContext) nextTry(ctx context.Context, wanted reportFilter) (next time.Time, err error) {
	deliveries, err := n.deliveriesOf(ctx, wanted)
	for _, d := range deliveries {
		at := d.NextAt
		switch d.State {
		case reconcile.DeliverySending:
			at = time.Now().Add(sendingPoll)
		case reconcile.DeliveryWaiting:
		default:
			continue
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, err
}

// unsent says which of the deliveries have not left, and what becomes of them.
func (n *RunContext) unsent(ctx context.Context, wanted reportFilter) error {
	deliveries, err := n.deliveriesOf(ctx, wanted)
	all := []error{err}
	var waits, given bool
	for _, d := range deliveries {
		switch d.State {
		case reconcile.DeliverySent:
			continue
		case reconcile.DeliveryGivenUp:
			given = true
		default:
			waits = true
		}
		all = append(all, errors.New(summary.Unsent(&d)))
	}
	if waits {
		all = append(all, errors.New("the next hhrecon run, hhrecon serve or hhrecon deliver tries again"))
	}
	if given {
		all = append(all, errors.New("hhrecon deliver N sends a run's report again, once that is mended"))
	}
	return errors.Join(all...)
}

// reportFilter are the deliveries that a command answers for: those of some reports, to everybody or to some.
type reportFilter struct {
	reports []int64
	to      []reconcile.Recipient
}

func (n *RunContext) deliveriesOf(ctx context.Context, w reportFilter) ([]reconcile.Delivery, error) {
	var all []reconcile.Delivery
	for _, id := range w.reports {
		some, err := n.Store.Deliveries(ctx, reconcile.DeliveryFilter{ReportID: id})
		if err != nil {
			return all, err
		}
		for _, d := range some {
			if len(w.to) == 0 || slices.ContainsFunc(w.to,
				func(r reconcile.Recipient) bool { return strings.EqualFold(r.Address, d.Recipient.Address) }) {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// mailPoll is how often the service looks for what is due.
const mailPoll = 5 * time.Second

// sendMail sends what is due, again and again. Where no mail server is set it says so once for all that waits.
func (v *service) sendMail(ctx context.Context) error {
	told := false
	for {
		n := v.runContext()
		missed := n.publishMissed(ctx)
		courier, err := n.mailer(v.owner)
		switch {
		case err == nil:
			told = false
			if _, err := courier.Deliver(ctx); err != nil {
				return errors.Join(missed, err)
			}
		case !told && len(n.Settings.Recipients("", "")) > 0:
			told = true
			v.Log.Error("reports cannot be sent, and wait", "error", err)
		}
		if missed != nil {
			return missed
		}
		if !pause(ctx, mailPoll) {
			return ctx.Err()
		}
	}
}
