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

// publishRun queues the report of a closed run for its recipients, unless the run must not be published or sent by
// email. If the process ends before the report is queued, PublishMissed queues the report later.
func (rc *RunContext) publishRun(ctx context.Context, run reconcile.Run) error {
	if !run.Unpublished || run.NoEmail {
		return nil
	}
	return errors.Join(rc.publishRunReport(ctx, run), rc.amendMonths(ctx, run))
}

// markPublished stores that a run's report is published.
func (rc *RunContext) markPublished(ctx context.Context, run reconcile.Run) error {
	if !run.Unpublished {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	return rc.Store.MarkPublished(ctx, run.ID)
}

// PublishMissed publishes the closed runs whose processes ended before they published the report. If one run cannot be
// published, PublishMissed continues with the other runs.
func (rc *RunContext) PublishMissed(ctx context.Context) error {
	missed, err := rc.Store.UnpublishedRuns(ctx)
	if err != nil {
		return fmt.Errorf("find runs that are not published: %w", err)
	}
	var failed []error
	for _, run := range missed {
		if !reconcile.LeaseExpired(run) { // the process of the run may still publish it
			continue
		}
		if err := rc.publishLate(ctx, run); err != nil {
			failed = append(failed, fmt.Errorf("publish run %d: %w", run.ID, err))
		}
	}
	return errors.Join(failed...)
}

// publishLate publishes a run whose process ended before it published the report. publishLate sends no heartbeat,
// because monitoring would treat the heartbeat as a sign that the current scheduled run succeeded.
func (rc *RunContext) publishLate(ctx context.Context, run reconcile.Run) error {
	if err := rc.publishRun(ctx, run); err != nil {
		return err
	}
	if !run.Unreported() {
		rc.notifyAttention(ctx, run)
	}
	path := filepath.Join(rc.Settings.ReportDir, reports.FileName(run, rc.ReportOptions(), "xlsx"))
	if made, err := os.Stat(path); err == nil && made.Size() > 0 && made.ModTime().After(run.ClosedAt) {
		return rc.markPublished(ctx, run) // the process was killed after it had written the workbook
	}
	_, unwritten := rc.writeWorkbook(ctx, run, "")
	if ctx.Err() != nil {
		return unwritten
	}
	// hhrecon does not try again to write the workbook. The error names the command that writes the workbook.
	return errors.Join(unwritten, rc.markPublished(ctx, run))
}

// publishRunReport queues the report of a run. The report of a scheduled run is a base report. The report of any other
// run is a corrected version of that day's report, and is queued only if a result has changed. A run that is published
// twice is sent only once.
func (rc *RunContext) publishRunReport(ctx context.Context, run reconcile.Run) error {
	recipients := rc.Settings.Recipients("reconcile", run.ProjectID)
	if run.Origin.Trigger == reconcile.TriggerAlert || len(recipients) == 0 {
		return nil
	}
	var since time.Time
	if run.Origin.Trigger != reconcile.TriggerSchedule && !run.DryRun {
		since = startOfDay(run.StartedAt, rc.Settings.Zone)
	}
	return rc.publish(ctx,
		reconcile.Publication{Scope: reconcile.ReportScope{RunID: run.ID}, CorrectSince: since, Recipients: recipients})
}

// publishPeriodReport queues the report of a period for the recipients of a job. The report is a corrected report if
// the job has already reported the period.
func (rc *RunContext) publishPeriodReport(ctx context.Context, scope reconcile.ReportScope, job string,
	recipients []reconcile.Recipient) error {
	if len(recipients) == 0 {
		return nil
	}
	return rc.publish(ctx, reconcile.Publication{Scope: scope, Job: job, Recipients: recipients})
}

// publish stores a publication, even during shutdown, and adds the report to Outgoing.
func (rc *RunContext) publish(ctx context.Context, a reconcile.Publication) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	a.Now = time.Now()
	report, made, err := rc.Store.PublishReport(ctx, a)
	if err != nil {
		return fmt.Errorf("queue the report: %w", err)
	}
	if !made {
		if !a.Amendments.To.IsZero() {
			return nil // most months need no corrected report
		}
		rc.Log.Info("nothing to send: the report is already sent to these recipients, or queued for them", "run",
			a.Scope.RunID, "job", a.Job)
		return nil
	}
	rc.Log.Info("report queued", "report", report.ID, "run", a.Scope.RunID, "job", a.Job, "report_version", report.Version,
		"recipients", len(a.Recipients))
	if rc.Outgoing != nil {
		*rc.Outgoing = append(*rc.Outgoing, report.ID)
	}
	return nil
}

// publishTimeout is the time limit for storing a publication.
const publishTimeout = 30 * time.Second

// EmailReport queues and sends a report at a person's request.
func (rc *RunContext) EmailReport(ctx context.Context, scope reconcile.ReportScope) error {
	var err error
	if scope.RunID != 0 {
		err = rc.emailRunReport(ctx, scope.RunID)
	} else {
		job, recipients := rc.Settings.ReportJob(scope)
		if len(recipients) == 0 {
			return config.UsageErrorf("no report job for this period has recipients: add email to a job in %s",
				rc.Settings.Source())
		}
		err = rc.publishPeriodReport(ctx, scope, job, recipients)
		if err == nil && len(*rc.Outgoing) == 0 {
			late := reconcile.Window{From: scope.Window.To, To: time.Now()}
			err = rc.publish(ctx, reconcile.Publication{Scope: scope, Job: job, Amendments: late, Recipients: recipients})
		}
	}
	if err != nil {
		return err
	}
	if len(*rc.Outgoing) == 0 {
		fmt.Fprintln(rc.Stdout, "Nothing is sent: the report is already sent to these recipients, or queued. Run "+
			"\"hhrecon deliver N\" to send the report of run N again.")
		return nil
	}
	return rc.Deliver(ctx, ReportFilter{Reports: *rc.Outgoing}, emailWait)
}

// emailRunReport queues the report of a run, as hhrecon does when a run is closed.
func (rc *RunContext) emailRunReport(ctx context.Context, id int64) error {
	run, err := FindRun(ctx, rc.Store, id)
	if err != nil {
		return err
	}
	if len(rc.Settings.Recipients("reconcile", run.ProjectID)) == 0 {
		return config.UsageErrorf("no reconcile job of project %s has recipients: add email to a job in %s, or run "+
			"\"hhrecon deliver %d --to ADDRESS\"", run.ProjectID, rc.Settings.Source(), id)
	}
	switch {
	case run.ClosedAt.IsZero():
		return config.UsageErrorf("run %d: %w", id, reconcile.ErrOpenRun)
	case run.Unreported():
		return config.UsageErrorf("run %d: %w", id, reconcile.ErrDryRun)
	case run.Origin.Trigger == reconcile.TriggerAlert:
		return config.UsageErrorf("run %d was started by alerts, so the report of its period includes it; to send a "+
			"report of only this run, run \"hhrecon deliver %d --to ADDRESS\"", id, id)
	}
	return rc.publishRunReport(ctx, run)
}

// emailWait is the default time for which a command tries to send mail.
const emailWait = 5 * time.Minute

// startOfDay returns midnight at the start of the day of t.
func startOfDay(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return config.AtWallClock(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), zone)
}

// ErrNoMailServer is returned if reports cannot be sent because no mail server is set.
var ErrNoMailServer = errors.New("HHRECON_SMTP_URL is not set: set it to smtp://user:password@host:587, and " +
	"HHRECON_MAIL_FROM to the sender's address; \"hhrecon check\" tests both settings")

// A month's report shows the latest finding of that month's runs about each payin. If a later run contradicts the
// finding, the month gets a corrected report that contains only the payins with such findings.

// amendMonths queues corrected reports of past months because of a run's findings. amendMonths also uses the findings
// of the project's smaller runs since the project's last run over all open payins.
func (rc *RunContext) amendMonths(ctx context.Context, run reconcile.Run) error {
	// a later run over all open payins also handles the findings of runs that alerts started
	if run.DryRun || run.Origin.Trigger == reconcile.TriggerAlert {
		return nil
	}
	late := reconcile.Window{To: run.StartedAt.Add(time.Microsecond)} // the window includes the start of the run
	before, err := rc.Store.WholeRunBefore(ctx, run.ID)
	if err != nil && !errors.Is(err, reconcile.ErrNoRun) {
		return err
	}
	late.From = before.StartedAt
	var failed []error
	for _, j := range rc.Settings.Jobs {
		if j.Do == "report" && j.Period == config.LastMonth && (j.Project == "" || j.Project == run.ProjectID) {
			failed = append(failed, rc.amendReports(ctx, j.Name, j.Project, j.Recipients(), late))
		}
	}
	return errors.Join(failed...)
}

// amendableFor is the time after the end of a month in which the month can be corrected.
const amendableFor = 366 * 24 * time.Hour

// amendReports queues corrected versions of a job's earlier reports because of findings of later runs.
func (rc *RunContext) amendReports(ctx context.Context, job, projectID string, recipients []reconcile.Recipient,
	late reconcile.Window) error {
	bases, err := rc.Store.BaseReports(ctx, job, projectID, late.To.Add(-amendableFor))
	if err != nil {
		return err
	}
	var failed []error
	for _, base := range bases {
		if base.Scope.Window.To.Before(late.To) {
			failed = append(failed, rc.publish(ctx, reconcile.Publication{Scope: base.Scope, Job: job, Amendments: late,
				Recipients: recipients}))
		}
	}
	return errors.Join(failed...)
}

// ReportOptions returns the options of reports.
func (rc *RunContext) ReportOptions() reports.Options {
	return reports.Options{Zone: rc.Settings.Zone, Projects: rc.Settings.ProjectNames(), Version: rc.Version,
		Now:    time.Now(),
		KeepIn: rc.Settings.ReportDir, Language: rc.Language, Password: rc.Password, CSV: rc.CSV,
		Support: rc.Store, Verified: rc.verified}
}

// verified counts the payins with the merchant's status success in a period, for the projects of the given runs.
// verified returns nil if the successes cannot be counted.
func (rc *RunContext) verified(ctx context.Context, w reconcile.Window, runs ...reconcile.Run) *reconcile.Verified {
	sum, known := reconcile.Verified{}, make(map[string]bool)
	for _, run := range runs {
		if known[run.ProjectID] {
			continue
		}
		known[run.ProjectID] = true
		v, err := rc.Store.Verified(ctx, run, w)
		if err != nil {
			rc.Log.Warn("cannot count the successes in the merchant's table", "project", run.ProjectID, "error", err)
			return nil
		}
		sum.Add(v)
	}
	return &sum
}

// writeWorkbook writes a run's workbook to a file and returns the path. If file is empty, writeWorkbook writes
// to the report folder.
func (rc *RunContext) writeWorkbook(ctx context.Context, run reconcile.Run, file string) (string, error) {
	write := func(out io.Writer) error {
		return rc.WriteReport(ctx, out, "xlsx", reconcile.ReportScope{RunID: run.ID})
	}
	path, err := file, error(nil)
	if file != "" {
		err = reports.Replace(file, write)
	} else {
		path, err = reports.Save(rc.Settings.ReportDir, reports.FileName(run, rc.ReportOptions(), "xlsx"), write)
	}
	if err != nil {
		err = fmt.Errorf("run %d is closed and stored, but its workbook is not written: %w", run.ID, err)
		return "", fmt.Errorf("%w\nrun \"hhrecon report --run %d\" to write the workbook", err, run.ID)
	}
	rc.Log.Info("workbook written", "run", run.ID, "file", path)
	return path, nil
}

// WriteReport writes a report as xlsx, csv or json.
func (rc *RunContext) WriteReport(ctx context.Context, w io.Writer, format string, scope reconcile.ReportScope) error {
	options := rc.ReportOptions()
	switch format {
	case "csv":
		return reports.WriteCSV(ctx, w, rc.Store, scope, options)
	case "json":
		return reports.WriteJSON(ctx, w, rc.Store, scope, options)
	}
	_, err := workbook.Write(ctx, w, rc.Store, scope, options)
	return err
}
