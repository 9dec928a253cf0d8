package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/filemode"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/mail"
	"hhrecon/sql"
	"hhrecon/sql/identity"
	"hhrecon/sql/merchant"
)

// slowQueries contains the durations above which a query causes a warning. The key is the query's file. The key "" is
// for all other queries. A run executes the query ReadBack for each correction.
var slowQueries = map[string]time.Duration{"": 2 * time.Second, merchant.ReadBack: 50 * time.Millisecond}

// checkCmd is the command `hhrecon check`.
type checkCmd struct {
	listenFlags
	PaymentID string `name:"payment-id" help:"A payin to ask about." default:"hhrecon-check" placeholder:"ID"`
	Payins    int    `help:"Also print N payins of each project beside HighHelp's answers." placeholder:"N"`
}

// checks prints the result of each check and counts the failures.
type checks struct {
	*app
	failed int
	copy   bool // the database is a copy
}

func (c *checks) report(name string, err error) bool {
	if err == nil {
		fmt.Fprintf(c.Stdout, "%s    %s\n", console.Paint(c.Stdout, "ok"), name)
		return true
	}
	c.failed++
	fmt.Fprintf(c.Stdout, "%s  %s: %v\n", console.Paint(c.Stdout, "FAIL"), name, err)
	return false
}

func (c *checks) queryTime(t merchant.QueryTime) {
	name := fmt.Sprintf("%s of project %s: rows %d, time %v", t.File, t.ProjectID, t.Rows, t.Took.Round(time.Millisecond))
	limit := cmp.Or(slowQueries[t.File], slowQueries[""])
	if t.Took > limit {
		c.warn(name, fmt.Sprintf("slower than %v: look at the query plan with EXPLAIN, and check whether an index is missing",
			limit))
	} else {
		c.report(name, nil)
	}
}

func (c *checks) warn(name, why string) {
	fmt.Fprintf(c.Stdout, "%s  %s: %s\n", console.Paint(c.Stdout, "WARN"), name, why)
}

func (c *checks) skip(name, why string) { fmt.Fprintf(c.Stdout, "--    %s: %s\n", name, why) }

// Run tests every setting, and continues after a failure.
func (c *checkCmd) Run(ctx context.Context, a *app) error {
	all := &checks{app: a}
	s, err := a.ReadSettings()
	if !all.report("settings", err) {
		return exit.With(exit.Usage, nil)
	}
	c.database(ctx, all, s)
	c.reportFolder(all, s)
	c.files(all, s)
	if why := server.Exposed(c.Listen, c.MetricsListen); why != "" {
		all.warn("--listen", why)
	} else if advice := server.MetricsAdvice(c.MetricsListen); advice != "" {
		all.skip("--metrics-listen", advice)
	}
	if s.WebhookURL != "" && s.WebhookSecret == "" {
		all.warn("HHRECON_WEBHOOK_URL", "webhook events are not signed: set HHRECON_WEBHOOK_SECRET_FILE")
	}
	if s.Page.OIDC != nil || s.UsersFile != "" {
		all.report("the page's users", s.CheckPage())
	}
	projects, err := s.Choose(nil)
	all.report("projects", err)
	for _, p := range projects {
		c.project(ctx, all, s, p)
	}
	for _, j := range s.Jobs {
		if j.Shadow {
			all.skip("job "+j.Name, "in shadow, so its runs write nothing to the merchant's table")
		}
	}
	if len(s.Jobs) == 0 {
		all.skip("jobs", "\"hhrecon serve\" starts no runs without jobs: add jobs to "+s.File+", or start runs by cron")
	}
	switch recipients := s.Recipients("", ""); {
	case s.SMTPURL != "":
		all.report("SMTP", mail.Check(ctx, s.SMTPURL, s.MailFrom))
	case len(recipients) > 0:
		all.report("SMTP", fmt.Errorf("the jobs of %s have %s, but %w",
			s.File, console.Counted(len(recipients), "recipient"), service.ErrNoMailServer))
	default:
		all.skip("SMTP", "HHRECON_SMTP_URL is not set, and no job has recipients")
	}
	for _, n := range []struct{ name, url string }{{"HHRECON_HEARTBEAT_URL", s.HeartbeatURL},
		{"HHRECON_WEBHOOK_URL", s.WebhookURL}} {
		if n.url != "" {
			all.skip(n.name, "the URL is valid; check sends no request, because the receiver would treat it as an event")
		}
	}
	if all.failed > 0 {
		return config.UsageErrorf("%s failed", console.Counted(all.failed, "check"))
	}
	return nil
}

func (c *checkCmd) database(ctx context.Context, all *checks, s *config.Settings) {
	store, err := all.connect(ctx, s)
	if !all.report("database", err) {
		return
	}
	defer store.Close()
	if all.report("hhrecon's tables", store.CheckSchema(ctx)) {
		all.identity(ctx, store)
		all.report("key of the audit log", store.CheckKeys(ctx))
		if s.OwnerURL != s.DatabaseURL {
			all.report("HHRECON_OWNER_DATABASE_URL", auditlog.SameDatabase(ctx, s))
		}
		c.partitions(ctx, all, store)
		if warning := auditlog.Warning(ctx, store); warning != "" {
			all.warn("rights of the database user", warning)
		}
		const clocks = "the database's clock"
		if warning, err := store.CompareClocks(ctx, store.Conn); warning != "" {
			all.warn(clocks, warning)
		} else {
			all.report(clocks, err)
		}
		n := all.runContext(s, store)
		for _, p := range s.Projects {
			c.pruning(ctx, all, store, p)
			c.shadow(ctx, all, store, p)
			if changed, err := n.ChangedDefaults(ctx, p); err == nil && len(changed) > 0 {
				all.warn("settings of project "+p.Label(), "defaults changed since the last run: "+strings.Join(changed, ", ")+
					"; to keep an old value, set it in schedules.yaml")
			}
		}
	}
	if all.copy || !c.queries(ctx, all, store, s.Rules()) {
		return
	}
	times, err := store.TimeQueries(ctx, s.Rules()...)
	if err != nil {
		all.report("the time of the merchant's queries", err)
	}
	for _, t := range times {
		all.queryTime(t)
	}
	if c.Payins > 0 {
		all.comparePayins(ctx, store, s, c.Payins)
	}
}

// comparePayins prints n payins of each project beside HighHelp's answers, and checks their amounts.
func (c *checks) comparePayins(ctx context.Context, store *sql.Store, s *config.Settings, n int) {
	ask, done, _ := c.NewAsk(s) // the check of the project reports the error
	defer done()
	for i := range s.Projects {
		p := &s.Projects[i]
		name := "amounts of project " + p.Label()
		if warning, err := c.ComparePayins(ctx, store.Queries, p, n, ask); warning != "" {
			c.warn(name, warning)
		} else {
			c.report(name, err)
		}
	}
}

// identity checks that the database is not a copy.
func (c *checks) identity(ctx context.Context, store *sql.Store) {
	id, err := store.Identity(ctx)
	name := fmt.Sprintf("identity: %s", id)
	if err == nil {
		err = store.CheckIdentity(ctx)
	}
	c.copy = errors.Is(err, identity.ErrCopy)
	switch {
	case errors.Is(err, identity.ErrDeclared):
		c.warn(name, err.Error())
	case err == nil && id.Server == "":
		c.warn(name, "a copy on another server may have the same identity: grant execute on function pg_control_system()")
	default:
		c.report(name, err)
	}
}

// queries checks that the merchant's queries can be executed, and that the select queries read the values that the
// update queries write.
func (c *checkCmd) queries(ctx context.Context, all *checks, store *sql.Store, projects []reconcile.Project) bool {
	const name = "the merchant's queries"
	proofs, err := store.ProveQueries(ctx, projects...)
	err = cmp.Or(store.CheckQueries(ctx, projects...), err)
	text := i18n.English()
	for i, proof := range proofs {
		for _, fault := range proof.Faults {
			err = errors.Join(err, fmt.Errorf("project %s: %s", projects[i].Label(), text.Clauses(fault.Reason)))
		}
	}
	ok := all.report(name, err)
	for i, proof := range proofs {
		if !proof.Unproved.IsZero() {
			all.warn(name+" of project "+projects[i].Label(), "unproved: "+text.Clauses(proof.Unproved))
		}
		for _, word := range slices.Sorted(maps.Keys(proof.Unknown)) {
			all.warn("payins of project "+projects[i].Label(), fmt.Sprintf("%s with the status %q, which is neither open "+
				"nor final: see open_statuses and status_map", console.Counted(proof.Unknown[word], "payin"), word))
		}
		if len(proof.Unstored) > 0 {
			all.warn(name+" of project "+projects[i].Label(), "the table cannot store "+strings.Join(proof.Unstored, " and ")+
				": corrections do not write it, and reports do not mention it")
		}
	}
	return ok
}

// pruning reports the runs that block pruning.
func (c *checkCmd) pruning(ctx context.Context, all *checks, store *sql.Store, p config.Project) {
	if p.Retention == 0 {
		return
	}
	name, r := "retention of project "+p.Label(), p.RetentionAt(time.Now())
	r.DryRun = true
	if done, err := store.Prune(ctx, r); err == nil && len(done.Blockers) > 0 {
		all.warn(name, console.Counted(done.Kept, "older run")+" cannot be deleted; "+
			strings.Join(service.PruneBlockers(&done), "; "))
	} else {
		all.report(name, err)
	}
}

// shadow says that a project is in shadow, and whether shadow can be switched off.
func (c *checkCmd) shadow(ctx context.Context, all *checks, store *sql.Store, p config.Project) {
	if !p.Shadow {
		return
	}
	runs, err := store.FindRuns(ctx, reconcile.RunFilter{ProjectID: p.ID, NoAlerts: true, Limit: 100})
	if err != nil {
		all.report("shadow of project "+p.Label(), err)
		return
	}
	all.skip("project "+p.Label(), "in shadow, so its runs write nothing to the merchant's table. "+
		reports.ShadowNights(i18n.English(), reconcile.CleanNightsBefore(time.Time{}, nil, runs)))
}

// partitions prints the SQL that converts the table hhrecon_finding from monthly partitions to a plain table.
func (c *checkCmd) partitions(ctx context.Context, all *checks, store *sql.Store) {
	switch script, err := store.UnpartitionScript(ctx); {
	case err != nil:
		all.report("hhrecon_finding", err)
	case script != "":
		all.skip("hhrecon_finding", "the monthly partitions are of an earlier version. The table still works, but "+
			"gets no new partitions. To make a plain table, stop all hhrecon processes and run this SQL with psql as the "+
			"owner of the tables:\n"+script)
	}
}

// files checks whether other users of the machine can read or change the files of the settings.
func (c *checkCmd) files(all *checks, s *config.Settings) {
	for _, f := range s.SecretFiles() {
		all.report(f.Setting, filemode.CheckReadable(f.Path))
	}
	if file, is := strings.CutPrefix(s.DatabaseURL, "sqlite:"); is { // an earlier version may have created the file
		if err := filemode.CheckReadable(strings.TrimPrefix(file, "//")); err != nil {
			all.warn("HHRECON_DATABASE_URL", err.Error())
		}
	}
	for _, path := range s.TrustedPaths() {
		if filemode.IsWritable(path) {
			all.warn(path, "every user of this machine can change this path, and so control hhrecon: chmod o-w")
		}
	}
}

func (c *checkCmd) reportFolder(all *checks, s *config.Settings) {
	err := os.MkdirAll(s.ReportDir, 0o700)
	if err == nil {
		var file *os.File
		if file, err = os.CreateTemp(s.ReportDir, ".hhrecon-check-*"); err == nil {
			err = errors.Join(file.Close(), os.Remove(file.Name()))
		}
	}
	path, _ := filepath.Abs(s.ReportDir)
	all.report("report folder "+path, err)
}

// project checks a project's keys, and that HighHelp accepts them. project queries a payin that does not exist.
// HighHelp accepts the keys if the answer does not refuse the keys.
func (c *checkCmd) project(ctx context.Context, all *checks, s *config.Settings, p config.Project) {
	client, err := all.NewClient(s, p, nil)
	if !all.report("keys of project "+p.Label(), err) {
		return
	}
	defer client.Close()
	if all.copy {
		all.skip("HighHelp for project "+p.Label(), "HighHelp was not queried, because the database is a copy")
		return
	}
	// The balance is requested first, because a wrong server may answer all requests about payins with 404.
	if _, err = client.Balance(ctx); err == nil {
		_, err = client.PayinInfo(ctx, c.PaymentID)
	}
	if errors.Is(err, highhelp.ErrNotFound) {
		err = nil
	}
	if err != nil {
		err = p.Cure(err)
	}
	all.report("HighHelp for project "+p.Label(), err)
	if p.TakesAlerts() {
		key, err := p.AlertKey()
		all.report("alert key of project "+p.Label(), cmp.Or(err, key.Validate()))
	}
}
