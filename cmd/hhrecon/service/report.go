package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/workbook"
)

// publishRun has the report of a closed run sent, where it was opened for that: it notes so in the ledger, and deliver
// sends. A run whose process dies before it is announced, and those who watch are told of it, is left to whoever looks
// next, see announceMissed.
func (n *RunContext) publishRun(ctx context.Context, run reconcile.Run) error {
	if !run.Unpublished || run.NoEmail {
		return nil
	}
	return errors.Join(n.publishRunReport(ctx, run), n.amendMonths(ctx, run))
}

// markPublished notes that nothing is left to be told of a run.
func (n *RunContext) markPublished(ctx context.Context, run reconcile.Run) error {
	if !run.Unpublished {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	return n.Store.MarkPublished(ctx, run.ID)
}

// PublishMissed announces the closed runs whose process died before it could. One that cannot be announced holds up no
// other.
func (n *RunContext) PublishMissed(ctx context.Context) error {
	missed, err := n.Store.UnpublishedRuns(ctx)
	if err != nil {
		return fmt.Errorf("look for runs that were not announced: %w", err)
	}
	var failed []error
	for _, run := range missed {
		if !reconcile.LeaseExpired(run) { // its process may be about to
			continue
		}
		if err := n.publishLate(ctx, run); err != nil {
			failed = append(failed, fmt.Errorf("announce run %d: %w", run.ID, err))
		}
	}
	return errors.Join(failed...)
}

// publishLate does for a run what its process did not come to. It gives no heartbeat, which would be taken for one of
// the night that is due now.
func (n *RunContext) publishLate(ctx context.Context, run reconcile.Run) error {
	if err := n.publishRun(ctx, run); err != nil {
		return err
	}
	if !run.DryRun {
		n.notifyAttention(ctx, run)
	}
	path := filepath.Join(n.Settings.ReportDir, reports.FileName(run, n.ReportOptions(), "xlsx"))
	if made, err := os.Stat(path); err == nil && made.Size() > 0 && made.ModTime().After(run.ClosedAt) {
		return n.markPublished(ctx, run) // the process was killed between the workbook and the note
	}
	_, unwritten := n.writeWorkbook(ctx, run, "")
	if ctx.Err() != nil {
		return unwritten
	}
	return errors.Join(unwritten, n.markPublished(ctx, run)) // one try: what cannot be made now is made by hand
}

// publishRunReport notes to whom a run's report goes: a report of its own where a schedule began the run; otherwise a
// correction to what they were told since the day began, if it says anything else. Announced again, a run is sent no
// second time.
func (n *RunContext) publishRunReport(ctx context.Context, run reconcile.Run) error {
	recipients := n.Settings.Recipients("reconcile", run.ProjectID)
	if run.Origin.Trigger == reconcile.TriggerAlert || len(recipients) == 0 {
		return nil
	}
	var since time.Time
	if run.Origin.Trigger != reconcile.TriggerSchedule {
		since = startOfDay(run.StartedAt, n.Settings.Zone)
	}
	return n.publish(ctx, reconcile.Publication{
		Scope: reconcile.ReportScope{RunID: run.ID}, CorrectSince: since, Recipients: recipients,
	})
}

// publishPeriodReport has a period's report sent to a job's recipients; a correction where the job reported it before.
func (n *RunContext) publishPeriodReport(ctx context.Context, scope reconcile.ReportScope, job string,
	recipients []reconcile.Recipient) error {
	if len(recipients) == 0 {
		return nil
	}
	return n.publish(ctx, reconcile.Publication{Scope: scope, Job: job, Recipients: recipients})
}

// publish writes an announcement into the ledger, be the process about to end too, and remembers its report.
func (n *RunContext) publish(ctx context.Context, a reconcile.Publication) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	a.Now = time.Now()
	report, made, err := n.Store.PublishReport(ctx, a)
	if err != nil {
		return fmt.Errorf("note that it is to be sent: %w", err)
	}
	if !made {
		if !a.Amendments.To.IsZero() {
			return nil // nobody expects each month to be corrected
		}
		n.Log.Info("nothing to send: the recipients have been told the same", "run", a.Scope.RunID, "job", a.Job)
		return nil
	}
	n.Log.Info("report to be sent", "report", report.ID, "run", a.Scope.RunID, "job", a.Job, "edition", report.Version,
		"recipients", len(a.Recipients))
	if n.Outgoing != nil {
		*n.Outgoing = append(*n.Outgoing, report.ID)
	}
	return nil
}

// publishTimeout is how long a note may take.
const publishTimeout = 30 * time.Second

// emailReport has a report sent that a person asked for.
func (n *RunContext) EmailReport(ctx context.Context, scope reconcile.ReportScope) error {
	var err error
	if scope.RunID != 0 {
		err = n.emailRunReport(ctx, scope.RunID)
	} else {
		job, recipients := n.Settings.ReportJob(scope)
		if len(recipients) == 0 {
			return config.UsageErrorf("no report job has recipients for this: add email to one in %s", n.Settings.Source())
		}
		err = n.publishPeriodReport(ctx, scope, job, recipients)
		if err == nil && len(*n.Outgoing) == 0 {
			late := reconcile.Window{From: scope.Window.To, To: time.Now()}
			err = n.publish(ctx, reconcile.Publication{Scope: scope, Job: job, Amendments: late, Recipients: recipients})
		}
	}
	if err != nil {
		return err
	}
	if len(*n.Outgoing) == 0 {
		fmt.Fprintln(n.Stdout, "Nothing is sent: the recipients were told the same before. hhrecon deliver sends a run's "+
			"report again.")
		return nil
	}
	return n.Deliver(ctx, ReportFilter{Reports: *n.Outgoing}, emailWait)
}

// emailRunReport has a run's report sent, as when it was closed.
func (n *RunContext) emailRunReport(ctx context.Context, id int64) error {
	run, err := FindRun(ctx, n.Store, id)
	if err != nil {
		return err
	}
	if len(n.Settings.Recipients("reconcile", run.ProjectID)) == 0 {
		return config.UsageErrorf("no reconcile job of project %s has recipients: add email to one in %s, or send it by "+
			"hand: "+
			"hhrecon deliver %d --to ADDRESS", run.ProjectID, n.Settings.Source(), id)
	}
	switch {
	case run.ClosedAt.IsZero():
		return config.UsageErrorf("run %d: %w", id, reconcile.ErrOpenRun)
	case run.DryRun:
		return config.UsageErrorf("run %d: %w", id, reconcile.ErrDryRun)
	case run.Origin.Trigger == reconcile.TriggerAlert:
		return config.UsageErrorf("run %d was begun by alerts: it is in the report of its period; hhrecon deliver %d --to "+
			"ADDRESS "+
			"sends it all the same", id, id)
	}
	return n.publishRunReport(ctx, run)
}

// emailWait is how long a command goes on trying to send, unless it is told otherwise.
const emailWait = 5 * time.Minute

// startOfDay is the midnight at which a moment's day began.
func startOfDay(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return config.AtWallClock(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), zone)
}

// errNoMailServer says that reports wait because nobody said how to send them.
var ErrNoMailServer = errors.New("HHRECON_SMTP_URL is not set: set it to smtp://user:password@host:587, and " +
	"HHRECON_MAIL_FROM to the sender's address; hhrecon check tests them")

// A month's report has the last word of its own runs on each payin that they asked about. What a later run finds about
// such a payin belongs to that month too where it contradicts the report: the month gets a correction then, which has
// that payin only.

// amendMonths has the reports of past months corrected by what a run found, and the project's small runs between it
// and the whole run before.
func (n *RunContext) amendMonths(ctx context.Context, run reconcile.Run) error {
	if run.DryRun || run.Origin.Trigger == reconcile.TriggerAlert { // alerts come often: the next whole run sees to them
		return nil
	}
	late := reconcile.Window{To: run.StartedAt.Add(time.Microsecond)} // its own start is the last in it
	before, err := n.Store.WholeRunBefore(ctx, run.ID)
	if err != nil && !errors.Is(err, reconcile.ErrNoRun) {
		return err
	}
	late.From = before.StartedAt
	var failed []error
	for _, j := range n.Settings.Jobs {
		if j.Do == "report" && j.Period == config.LastMonth && (j.Project == "" || j.Project == run.ProjectID) {
			failed = append(failed, n.amendReports(ctx, j.Name, j.Project, j.Recipients(), late))
		}
	}
	return errors.Join(failed...)
}

// amendableFor is how long a month can be corrected.
const amendableFor = 366 * 24 * time.Hour

// amendReports has what a job has reported of months before corrected by the word of later runs.
func (n *RunContext) amendReports(ctx context.Context, job, projectID string, recipients []reconcile.Recipient,
	late reconcile.Window) error {
	bases, err := n.Store.BaseReports(ctx, job, projectID, late.To.Add(-amendableFor))
	if err != nil {
		return err
	}
	var failed []error
	for _, base := range bases {
		if base.Scope.Window.To.Before(late.To) {
			failed = append(failed, n.publish(ctx, reconcile.Publication{Scope: base.Scope, Job: job, Amendments: late,
				Recipients: recipients}))
		}
	}
	return errors.Join(failed...)
}

func (n *RunContext) ReportOptions() reports.Options {
	return reports.Options{
		Zone: n.Settings.Zone, Projects: n.Settings.ProjectNames(), Version: n.Version, Now: time.Now(),
		KeepIn:   n.Settings.ReportDir,
		Language: n.Language, Password: n.Password, Support: n.Store, Verified: n.verified,
	}
}

// verified counts the merchant's successes of a period, of all projects of some runs; nil if they cannot be read.
func (n *RunContext) verified(ctx context.Context, w reconcile.Window, runs ...reconcile.Run) *reconcile.Verified {
	sum, known := reconcile.Verified{}, make(map[string]bool)
	for _, run := range runs {
		if known[run.ProjectID] {
			continue
		}
		known[run.ProjectID] = true
		v, err := n.Store.Verified(ctx, run, w)
		if err != nil {
			n.Log.Warn("the successes in the merchant's table are not counted", "project", run.ProjectID, "error", err)
			return nil
		}
		sum.Add(v)
	}
	return &sum
}

// writeWorkbook makes a run's workbook, in a file or in the report folder, and returns where it is.
func (n *RunContext) writeWorkbook(ctx context.Context, run reconcile.Run, file string) (string, error) {
	write := func(out io.Writer) error {
		return n.WriteReport(ctx, out, "xlsx", reconcile.ReportScope{RunID: run.ID})
	}
	path, err := file, error(nil)
	if file != "" {
		err = reports.Replace(file, write)
	} else {
		path, err = reports.Save(n.Settings.ReportDir, reports.FileName(run, n.ReportOptions(), "xlsx"), write)
	}
	if err != nil {
		err = fmt.Errorf("run %d is closed and stored, but its workbook is not written: %w", run.ID, err)
		return "", fmt.Errorf("%w\nhhrecon report --run %d makes it", err, run.ID)
	}
	n.Log.Info("workbook written", "run", run.ID, "file", path)
	return path, nil
}

func (n *RunContext) WriteReport(ctx context.Context, w io.Writer, format string, scope reconcile.ReportScope) error {
	options := n.ReportOptions()
	switch format {
	case "csv":
		return reports.WriteCSV(ctx, w, n.Store, scope, options)
	case "json":
		return reports.WriteJSON(ctx, w, n.Store, scope, options)
	}
	_, err := workbook.Write(ctx, w, n.Store, scope, options)
	return err
}
