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

// publishRun queues the report of a closed run for its recipients, if the run was opened for that. If the process dies
// before, PublishMissed does it.
func (n *RunContext) publishRun(ctx context.Context, run reconcile.Run) error {
	if !run.Unpublished || run.NoEmail {
		return nil
	}
	return errors.Join(n.publishRunReport(ctx, run), n.amendMonths(ctx, run))
}

// markPublished records that a run has been reported completely.
func (n *RunContext) markPublished(ctx context.Context, run reconcile.Run) error {
	if !run.Unpublished {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	return n.Store.MarkPublished(ctx, run.ID)
}

// PublishMissed publishes the closed runs whose processes died before they could. A run that cannot be published does
// not stop the others.
func (n *RunContext) PublishMissed(ctx context.Context) error {
	missed, err := n.Store.UnpublishedRuns(ctx)
	if err != nil {
		return fmt.Errorf("find runs that are not published: %w", err)
	}
	var failed []error
	for _, run := range missed {
		if !reconcile.LeaseExpired(run) { // its process may still publish it
			continue
		}
		if err := n.publishLate(ctx, run); err != nil {
			failed = append(failed, fmt.Errorf("publish run %d: %w", run.ID, err))
		}
	}
	return errors.Join(failed...)
}

// publishLate publishes a run whose process died before it could. It sends no heartbeat, because monitoring would take
// the heartbeat for one of the current scheduled run.
func (n *RunContext) publishLate(ctx context.Context, run reconcile.Run) error {
	if err := n.publishRun(ctx, run); err != nil {
		return err
	}
	if !run.DryRun {
		n.notifyAttention(ctx, run)
	}
	path := filepath.Join(n.Settings.ReportDir, reports.FileName(run, n.ReportOptions(), "xlsx"))
	if made, err := os.Stat(path); err == nil && made.Size() > 0 && made.ModTime().After(run.ClosedAt) {
		return n.markPublished(ctx, run) // the process was killed after it wrote the workbook
	}
	_, unwritten := n.writeWorkbook(ctx, run, "")
	if ctx.Err() != nil {
		return unwritten
	}
	// no second attempt: the error names the command that makes the workbook
	return errors.Join(unwritten, n.markPublished(ctx, run))
}

// publishRunReport queues the report of a run. After a scheduled run it is a new report; after any other run it is a
// correction of the reports of that day, if anything has changed. A run that is published twice is sent once.
func (n *RunContext) publishRunReport(ctx context.Context, run reconcile.Run) error {
	recipients := n.Settings.Recipients("reconcile", run.ProjectID)
	if run.Origin.Trigger == reconcile.TriggerAlert || len(recipients) == 0 {
		return nil
	}
	var since time.Time
	if run.Origin.Trigger != reconcile.TriggerSchedule {
		since = startOfDay(run.StartedAt, n.Settings.Zone)
	}
	return n.publish(ctx,
		reconcile.Publication{Scope: reconcile.ReportScope{RunID: run.ID}, CorrectSince: since, Recipients: recipients})
}

// publishPeriodReport queues the report of a period for the recipients of a job. If the job has reported the period
// before, it is a correction.
func (n *RunContext) publishPeriodReport(ctx context.Context, scope reconcile.ReportScope, job string,
	recipients []reconcile.Recipient) error {
	if len(recipients) == 0 {
		return nil
	}
	return n.publish(ctx, reconcile.Publication{Scope: scope, Job: job, Recipients: recipients})
}

// publish stores a publication, even during shutdown, and adds its report to Outgoing.
func (n *RunContext) publish(ctx context.Context, a reconcile.Publication) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	a.Now = time.Now()
	report, made, err := n.Store.PublishReport(ctx, a)
	if err != nil {
		return fmt.Errorf("queue the report: %w", err)
	}
	if !made {
		if !a.Amendments.To.IsZero() {
			return nil // most months need no correction
		}
		n.Log.Info("nothing to send: the report is already sent to these recipients, or queued for them", "run",
			a.Scope.RunID, "job", a.Job)
		return nil
	}
	n.Log.Info("report queued", "report", report.ID, "run", a.Scope.RunID, "job", a.Job, "report_version", report.Version,
		"recipients", len(a.Recipients))
	if n.Outgoing != nil {
		*n.Outgoing = append(*n.Outgoing, report.ID)
	}
	return nil
}

// publishTimeout is how long a publication may take to store.
const publishTimeout = 30 * time.Second

// EmailReport queues and sends a report that a person asked for.
func (n *RunContext) EmailReport(ctx context.Context, scope reconcile.ReportScope) error {
	var err error
	if scope.RunID != 0 {
		err = n.emailRunReport(ctx, scope.RunID)
	} else {
		job, recipients := n.Settings.ReportJob(scope)
		if len(recipients) == 0 {
			return config.UsageErrorf("no report job for this period has recipients: add email to one in %s",
				n.Settings.Source())
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
		fmt.Fprintln(n.Stdout, "Nothing is sent: the report is already sent to these recipients, or queued. hhrecon "+
			"deliver N sends a run's "+
			"report again.")
		return nil
	}
	return n.Deliver(ctx, ReportFilter{Reports: *n.Outgoing}, emailWait)
}

// emailRunReport queues the report of a run as when the run was closed.
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
		return config.UsageErrorf("run %d was started by alerts and is in the report of its period; hhrecon deliver %d --to "+
			"ADDRESS sends it on its own", id, id)
	}
	return n.publishRunReport(ctx, run)
}

// emailWait is how long a command tries to send mail by default.
const emailWait = 5 * time.Minute

// startOfDay returns the midnight at which the day of t began.
func startOfDay(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return config.AtWallClock(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), zone)
}

// ErrNoMailServer is returned if reports cannot be sent because no mail server is set.
var ErrNoMailServer = errors.New("HHRECON_SMTP_URL is not set: set it to smtp://user:password@host:587, and " +
	"HHRECON_MAIL_FROM to the sender's address; hhrecon check tests them")

// A month's report shows the latest finding of that month's runs about each payin. If a later run contradicts it, the
// month gets a correction that lists only those payins.

// amendMonths queues corrections of past months by what a run found, together with the smaller runs of the project
// since its last whole run.
func (n *RunContext) amendMonths(ctx context.Context, run reconcile.Run) error {
	// the next whole run includes the runs that alerts started
	if run.DryRun || run.Origin.Trigger == reconcile.TriggerAlert {
		return nil
	}
	late := reconcile.Window{To: run.StartedAt.Add(time.Microsecond)} // includes the start of the run itself
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

// amendableFor is how long after its end a month can be corrected.
const amendableFor = 366 * 24 * time.Hour

// amendReports queues corrections of a job's earlier reports by the findings of later runs.
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

// ReportOptions returns the options of reports.
func (n *RunContext) ReportOptions() reports.Options {
	return reports.Options{Zone: n.Settings.Zone, Projects: n.Settings.ProjectNames(), Version: n.Version, Now: time.Now(),
		KeepIn: n.Settings.ReportDir, Language: n.Language, Password: n.Password, Support: n.Store, Verified: n.verified}
}

// verified counts the merchant's successes in a period, over the projects of some runs. It returns nil if they cannot
// be read.
func (n *RunContext) verified(ctx context.Context, w reconcile.Window, runs ...reconcile.Run) *reconcile.Verified {
	sum, known := reconcile.Verified{}, make(map[string]bool)
	for _, run := range runs {
		if known[run.ProjectID] {
			continue
		}
		known[run.ProjectID] = true
		v, err := n.Store.Verified(ctx, run, w)
		if err != nil {
			n.Log.Warn("cannot count the successes in the merchant's table", "project", run.ProjectID, "error", err)
			return nil
		}
		sum.Add(v)
	}
	return &sum
}

// writeWorkbook writes a run's workbook to a file, or to the report folder if file is empty, and returns its path.
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
		return "", fmt.Errorf("%w\nhhrecon report --run %d writes it", err, run.ID)
	}
	n.Log.Info("workbook written", "run", run.ID, "file", path)
	return path, nil
}

// WriteReport writes a report as xlsx, csv or json.
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
