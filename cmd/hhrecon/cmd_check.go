package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/mail"
	"hhrecon/sql"
)

// checkCmd is the command `hhrecon check`.
type checkCmd struct {
	listenFlags
	PaymentID string `name:"payment-id" help:"A payin to ask about." default:"hhrecon-check" placeholder:"ID"`
	Payins    int    `help:"Also print N payins of each project beside HighHelp's answers." placeholder:"N"`
}

// Run checks every setting. After a failed check, Run continues with the next check.
func (c *checkCmd) Run(ctx context.Context, a *app) error {
	if !a.Log.Enabled(ctx, slog.LevelDebug) {
		a.Log = a.Console.Logger("error") // the check prints the causes of its warnings
	}
	all := &checks{app: a}
	all.begin("Settings")
	s, err := a.ReadSettings()
	if err != nil {
		all.report("settings", err)
		return exit.With(exit.Usage, nil)
	}
	c.settings(all, s)
	all.begin("Database")
	store, proved := c.database(ctx, all, s), false
	if store != nil {
		defer store.Close()
		proved = c.merchantTable(ctx, all, store, s)
	}
	all.begin("Projects")
	if store != nil {
		c.history(ctx, all, store, s)
	}
	found := c.projects(ctx, all, s)
	if proved && c.Payins > 0 {
		all.comparePayins(ctx, store, s, c.Payins, found)
	}
	all.begin("Mail and notifications")
	c.notifications(ctx, all, s)
	all.begin("Files")
	c.reportFolder(all, s)
	c.files(all, s)
	if all.failed > 0 {
		return config.UsageErrorf("%s failed", console.Counted(all.failed, "check"))
	}
	return nil
}

// settings checks the settings that belong to no other group.
func (c *checkCmd) settings(all *checks, s *config.Settings) {
	file := cmp.Or(s.File, config.DefaultSchedules)
	_, err := s.Choose(nil)
	all.report("settings", nil, s.Source())
	all.report("projects", err, len(s.Projects))
	if len(s.Jobs) == 0 {
		all.skip("jobs", "\"hhrecon serve\" starts no runs without jobs: add jobs to "+file+", or start runs by cron")
	} else {
		all.report("jobs", nil, len(s.Jobs))
	}
	for _, j := range s.Jobs {
		if j.Shadow {
			all.skip("job "+j.Name, "in shadow, so its runs write nothing to the merchant's table")
		}
	}
	if s.OwnZone {
		all.report("timezone", nil, "times are in ", s.Zone)
	} else {
		all.skip("timezone", fmt.Sprintf("times are in %s, this machine's zone; set timezone: in %s", s.Zone, file))
	}
	if why := server.Exposed(c.Listen, c.MetricsListen); why != "" {
		all.warn("--listen", why)
	} else if advice := server.MetricsAdvice(c.MetricsListen); advice != "" {
		all.skip("--metrics-listen", advice)
	}
	if s.Page.OIDC != nil || s.UsersFile != "" {
		all.report("the page's users", s.CheckPage())
	}
}

// notifications checks the mail server, the heartbeat and the webhook.
func (c *checkCmd) notifications(ctx context.Context, all *checks, s *config.Settings) {
	switch recipients := s.Recipients("", ""); {
	case s.SMTPURL != "":
		all.report("SMTP", mail.Check(ctx, s.SMTPURL, s.MailFrom))
	case len(recipients) > 0:
		all.report("SMTP", fmt.Errorf("the jobs of %s have %s, but %w",
			s.File, console.Counted(len(recipients), "recipient"), service.ErrNoMailServer))
	default:
		all.skip("SMTP", "HHRECON_SMTP_URL is not set, and no job has recipients")
	}
	if s.WebhookURL != "" && s.WebhookSecret == "" {
		all.warn("HHRECON_WEBHOOK_URL", "webhook events are not signed: set HHRECON_WEBHOOK_SECRET_FILE")
	}
	for _, n := range []struct{ name, url string }{{"HHRECON_HEARTBEAT_URL", s.HeartbeatURL},
		{"HHRECON_WEBHOOK_URL", s.WebhookURL}} {
		if n.url != "" {
			all.skip(n.name, "the URL is valid; check sends no request, because the receiver would treat it as an event")
		}
	}
}

// database connects to the database, and checks hhrecon's tables. If the database cannot be used, it returns nil. The
// other checks are then skipped, because they would fail with the same error.
func (c *checkCmd) database(ctx context.Context, all *checks, s *config.Settings) *sql.Store {
	store, err := all.connect(ctx, s)
	if err != nil {
		all.report("database", err)
		return nil
	}
	about, warning, err := store.About(ctx)
	if warning != "" {
		all.warn("database", warning)
	}
	if all.report("database", err, about) && all.report("hhrecon's tables", store.CheckSchema(ctx)) {
		c.ownTables(ctx, all, s, store)
		return store
	}
	all.skip("the merchant's table", "not checked, because the database failed")
	_ = store.Close()
	return nil
}

// ownTables checks hhrecon's own tables and the rights on them.
func (c *checkCmd) ownTables(ctx context.Context, all *checks, s *config.Settings, store *sql.Store) {
	all.identity(ctx, store)
	all.report("key of the audit log", store.CheckKeys(ctx))
	if s.OwnerURL != s.DatabaseURL {
		all.report("HHRECON_OWNER_DATABASE_URL", auditlog.SameDatabase(ctx, s))
	}
	c.partitions(ctx, all, store)
	warning, err := auditlog.Warning(ctx, store)
	all.reportWarning("rights of the database user", warning, err)
	warning, err = store.CompareClocks(ctx, store.Conn)
	all.reportWarning("the database's clock", warning, err)
}

// merchantTable checks the merchant's queries and prints the results. It reports whether hhrecon can use the queries.
func (c *checkCmd) merchantTable(ctx context.Context, all *checks, store *sql.Store, s *config.Settings) bool {
	if all.copy {
		return false
	}
	all.begin("The merchant's table")
	if !c.queries(ctx, all, store, s.Rules()) {
		return false
	}
	times, err := store.TimeQueries(ctx, s.Rules()...)
	if err != nil {
		all.report("the time of the merchant's queries", err)
	}
	for _, t := range times {
		p, _ := s.Project(t.ProjectID)
		all.queryTime(t, p.Label())
	}
	return true
}

// history checks the data about the projects in hhrecon's tables.
func (c *checkCmd) history(ctx context.Context, all *checks, store *sql.Store, s *config.Settings) {
	n := all.runContext(s, store)
	for _, p := range s.Projects {
		c.pruning(ctx, all, store, p)
		c.shadow(ctx, all, store, p)
		if changed, err := n.ChangedDefaults(ctx, p); err == nil && len(changed) > 0 {
			all.warn("settings of project "+p.Label(), "defaults changed since the last run: "+strings.Join(changed, ", ")+
				"; to keep an old value, set it in schedules.yaml")
		}
	}
	ids, err := store.AuditLogProjects(ctx)
	if err != nil {
		all.report("projects of earlier runs", err)
	}
	for _, id := range ids {
		if _, is := s.Project(id); !is {
			all.removed(ctx, store, id)
		}
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
		all.statuses(&projects[i], proof.Statuses)
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
	r, warning := p.RetentionAt(time.Now()), ""
	r.DryRun = true
	done, err := store.Prune(ctx, r)
	if err == nil && len(done.Blockers) > 0 {
		warning = console.Counted(done.Kept, "older run") + " cannot be deleted; " +
			strings.Join(service.PruneBlockers(&done), "; ")
	}
	all.reportWarning("retention of project "+p.Label(), warning, err)
}

// shadow prints that a project is in shadow, and whether shadow can be switched off.
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
	secret := 0
	for _, f := range s.SecretFiles() {
		if err := filemode.CheckReadable(f.Path); err != nil {
			all.report(f.Setting, err)
		} else {
			secret++
		}
	}
	all.report("files of keys and passwords", nil, secret)
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

// gatewayTimeout is the time limit of each request to HighHelp. Each request to HighHelp is tried only once.
const gatewayTimeout = 4 * time.Second

// maxGatewayChecks is the number of projects that are checked at the same time.
const maxGatewayChecks = 25

// projectCheck contains the errors that `hhrecon check` found in a project.
type projectCheck struct{ keys, gateway, alert error }

// projects checks the keys of the projects, and that HighHelp accepts them.
func (c *checkCmd) projects(ctx context.Context, all *checks, s *config.Settings) []projectCheck {
	found := make([]projectCheck, len(s.Projects))
	parallel.ForEach(len(found), maxGatewayChecks, func(i int) error {
		found[i] = c.project(ctx, all, s, s.Projects[i])
		return nil
	}, func(i int) {
		p := &s.Projects[i]
		keys := cmp.Or(p.Entry.PrivateKeyFile, p.Entry.HMACSecretFile)
		if !all.report("keys of project "+p.Label(), found[i].keys, keys) {
			return
		}
		if all.copy {
			all.skip("HighHelp for project "+p.Label(), "HighHelp was not queried, because the database is a copy")
			return
		}
		all.report("HighHelp for project "+p.Label(), found[i].gateway)
		if p.TakesAlerts() {
			all.report("alert key of project "+p.Label(), found[i].alert)
		}
	})
	return found
}

// project queries a payin that does not exist. HighHelp accepts the keys if the answer does not refuse the keys.
func (c *checkCmd) project(ctx context.Context, all *checks, s *config.Settings, p config.Project) (r projectCheck) {
	p.AttemptTimeout = min(p.AttemptTimeout, gatewayTimeout)
	p.PayinTimeout, p.FirstPause = p.AttemptTimeout, time.Hour
	client, err := all.NewClient(s, p, nil)
	if err != nil {
		return projectCheck{keys: err}
	}
	defer client.Close()
	if all.copy {
		return r
	}
	// The balance is requested first, because a wrong server may answer all requests about payins with 404.
	if _, err = client.Balance(ctx); err == nil {
		_, err = client.PayinInfo(ctx, c.PaymentID)
	}
	if err != nil && !errors.Is(err, highhelp.ErrNotFound) {
		r.gateway = p.Cure(err)
	}
	if p.TakesAlerts() {
		key, err := p.AlertKey()
		r.alert = cmp.Or(err, key.Validate())
	}
	return r
}
