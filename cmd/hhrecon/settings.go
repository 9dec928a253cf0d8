package main

import (
	"cmp"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// settings are all that the environment and schedules.yaml say: flag over environment over file over
// default. Keys are read when they are needed, so that a history can be looked at without them.
type settings struct {
	databaseURL string
	apiURL      string
	sqlDir      string
	reportDir   string
	smtpURL     string
	mailFrom    string

	pageURL      string // the page's, as browsers see it, without a slash at its end
	heartbeatURL string // {project} in it stands for the project's id
	webhookURL   string

	zone     *time.Location
	projects []project
	jobs     []jobEntry
	file     string // the schedules file that was read; "" where there is none

	maxAttachment int64 // of a mail, in bytes; 0: the default
	page          pageEntry
	usersFile     string
	oidcSecret    string

	alertKeys sync.Map // those that were read and are right, by project
}

// project is one cash register with everything that asking about it needs.
type project struct {
	reconcile.Project
	entry          projectEntry
	where          string // where to mend a fault: "schedules.yaml line 4", or the environment
	dir            string // key files are named from here
	rate           float64
	attemptTimeout time.Duration
	payinTimeout   time.Duration
	http           int           // highhelp.HTTP1 or HTTP2
	retention      time.Duration // 0: everything is kept
}

const defaultSchedules = "schedules.yaml"

// settings reads them all. Faults come back together, as one usage error.
func (a *app) settings() (*settings, error) {
	s := &settings{
		databaseURL: a.getenv("HHRECON_DATABASE_URL"),
		apiURL:      cmp.Or(a.getenv("HHRECON_API_URL"), highhelp.DefaultBaseURL),
		sqlDir:      a.getenv("HHRECON_SQL_DIR"),
		reportDir:   cmp.Or(a.getenv("HHRECON_REPORT_DIR"), "reports-out"),
		smtpURL:     a.getenv("HHRECON_SMTP_URL"),
		mailFrom:    a.getenv("HHRECON_MAIL_FROM"),
		usersFile:   a.getenv("HHRECON_USERS_FILE"),
		oidcSecret:  a.getenv("HHRECON_OIDC_CLIENT_SECRET"),
		zone:        localZone(),

		pageURL:      strings.TrimRight(a.getenv("HHRECON_PAGE_URL"), "/"),
		heartbeatURL: a.getenv("HHRECON_HEARTBEAT_URL"),
		webhookURL:   a.getenv("HHRECON_WEBHOOK_URL"),
	}
	if err := s.noticeFaults(); err != nil {
		return nil, err
	}
	if file := a.schedulesFile(); file != "" {
		read, err := readSchedules(file)
		if err != nil {
			return nil, err
		}
		s.file, s.zone, s.jobs, s.page = file, read.zone, read.Jobs, read.Page
		s.maxAttachment, _ = read.Mail.maxAttachment()
		for i, entry := range read.Projects {
			where := fmt.Sprintf("%s line %d", file, read.line("projects", i, "id"))
			s.projects = append(s.projects, newProject(entry, where, filepath.Dir(file)))
		}
	}
	return s, s.addProjectOfEnvironment(a.getenv)
}

// schedulesFile is the file that --schedules names, or the default one where it exists.
func (a *app) schedulesFile() string {
	if a.schedules != "" {
		return a.schedules
	}
	if _, err := os.Stat(defaultSchedules); errors.Is(err, os.ErrNotExist) {
		return ""
	}
	return defaultSchedules
}

// addProjectOfEnvironment puts the project that the environment names in place of the file's list;
// where the file has that project too, its other settings there hold.
func (s *settings) addProjectOfEnvironment(getenv func(string) string) error {
	id, keyFile := getenv("HHRECON_PROJECT_ID"), getenv("HHRECON_PRIVATE_KEY_FILE")
	switch {
	case id == "" && keyFile == "":
		return nil
	case id == "":
		return usageError("HHRECON_PRIVATE_KEY_FILE is set without HHRECON_PROJECT_ID: set both, or unset the first and name the key in %s", defaultSchedules)
	case !highhelp.ValidProjectID(id):
		return usageError("HHRECON_PROJECT_ID %q is no UUID: take it from HighHelp's cabinet", id)
	}
	p, ok := s.project(id)
	if !ok {
		p = newProject(projectEntry{ID: id}, "the environment (HHRECON_PRIVATE_KEY_FILE)", ".")
	}
	if keyFile != "" {
		p.entry.PrivateKeyFile, p.dir, p.where = keyFile, ".", "the environment (HHRECON_PRIVATE_KEY_FILE)"
	}
	s.projects = []project{p}
	return nil
}

// newProject fills an entry, which was validated, with the defaults.
func newProject(e projectEntry, where, dir string) project {
	p := project{
		Project: reconcile.DefaultProject(e.ID), entry: e, where: where, dir: dir,
		rate: 50, attemptTimeout: 15 * time.Second, payinTimeout: 45 * time.Second, http: highhelp.HTTP2,
	}
	p.Name, p.StatusMap, p.Hold.Sum = e.Name, e.StatusMap, e.HoldAboveSum
	if e.DifferentAmount != "" {
		p.DifferentAmount = reconcile.Policy(e.DifferentAmount)
	}
	for text, into := range map[*string]*time.Duration{
		&e.Window: &p.Window, &e.MinAge: &p.MinAge, &e.Grace: &p.Grace, &e.Recheck: &p.Recheck,
		&e.AttemptTimeout: &p.attemptTimeout, &e.PayinTimeout: &p.payinTimeout,
		&e.Outage.Pause: &p.Outage.Pause, &e.Outage.GiveUp: &p.Outage.GiveUp,
	} {
		if length, err := time.ParseDuration(*text); err == nil {
			*into = length
		}
	}
	p.retention, _ = parseAge(e.Retention)
	set(&p.rate, e.Rate)
	set(&p.Concurrency, e.Concurrency)
	set(&p.http, e.HTTP)
	set(&p.Hold.Count, e.HoldAbove.Count)
	set(&p.Hold.Share, e.HoldAbove.Share)
	set(&p.Hold.TimesUsual, e.HoldAbove.TimesUsual)
	set(&p.Outage.Share, e.Outage.Share)
	set(&p.Outage.Of, e.Outage.Of)
	return p
}

func set[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}

// project is the one with this id, if there is one.
func (s *settings) project(id string) (project, bool) {
	i := slices.IndexFunc(s.projects, func(p project) bool { return p.ID == id })
	if i < 0 {
		return project{}, false
	}
	return s.projects[i], true
}

// choose returns the projects that a command is about: the named ones, or all.
func (s *settings) choose(ids []string) ([]project, error) {
	if len(s.projects) == 0 {
		return nil, usageError("no project is set: set HHRECON_PROJECT_ID and HHRECON_PRIVATE_KEY_FILE, or list projects in %s", defaultSchedules)
	}
	if len(ids) == 0 {
		return s.projects, nil
	}
	var chosen []project
	for _, id := range ids {
		p, ok := s.project(id)
		if !ok {
			return nil, usageError("there is no project %q in %s", id, s.source())
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// one returns the project that a command about a single one means.
func (s *settings) one(id string) (project, error) {
	var ids []string
	if id != "" {
		ids = []string{id}
	}
	chosen, err := s.choose(ids)
	if err != nil {
		return project{}, err
	}
	if len(chosen) > 1 {
		return project{}, usageError("there are %d projects: say which with --project", len(chosen))
	}
	return chosen[0], nil
}

func (s *settings) source() string {
	if s.file == "" {
		return "the environment"
	}
	return s.file
}

// schedules are the jobs with their due times.
func (s *settings) schedules() []job {
	var jobs []job
	for _, entry := range s.jobs {
		if c, err := newCadence(entry.Cron, s.zone); err == nil { // always: the file was validated
			jobs = append(jobs, job{entry, c})
		}
	}
	return jobs
}

// rules are the projects as the domain knows them.
func (s *settings) rules() []reconcile.Project {
	projects := make([]reconcile.Project, len(s.projects))
	for i, p := range s.projects {
		projects[i] = p.Project
	}
	return projects
}

func (s *settings) projectNames() map[string]string {
	names := make(map[string]string, len(s.projects))
	for _, p := range s.projects {
		names[p.ID] = p.Name
	}
	return names
}

// client makes the gateway's client for a project, with its keys read. Requests leave when the limiter lets them, or by
// the project's rate if it is nil.
func (a *app) client(s *settings, p project, limiter highhelp.Limiter) (*highhelp.Client, error) {
	signing, err := p.signing()
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	client, err := highhelp.New(highhelp.Config{
		BaseURL: s.apiURL, ProjectID: p.ID, Signing: signing, Rate: p.rate, Limiter: limiter, Concurrency: p.Concurrency,
		AttemptTimeout: p.attemptTimeout, CallTimeout: p.payinTimeout, HTTP: p.http, Logger: a.log,
		Observe: a.metrics.observer(p.ID),
	})
	if err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("project %s: %w", p.ID, err)}
	}
	return client, nil
}

// signing reads the keys that requests are signed with.
func (p project) signing() (highhelp.Signing, error) {
	s := highhelp.Signing{Variant: p.entry.Signature.Variant}
	var public *rsa.PublicKey
	var err error
	if p.entry.PrivateKeyFile != "" || p.entry.Signature.Algorithm != highhelp.AlgorithmHMAC {
		s.PrivateKey, err = readKey(p, "private_key_file", p.entry.PrivateKeyFile, highhelp.ParsePrivateKey)
		if err != nil {
			return s, err
		}
		public = &s.PrivateKey.PublicKey
	}
	if p.entry.HMACSecretFile != "" {
		if s.Secret, err = readKey(p, "hmac_secret_file", p.entry.HMACSecretFile, highhelp.ParseSecret); err != nil {
			return s, err
		}
	}
	switch token := p.entry.AccessToken; {
	case strings.Contains(token, "-----BEGIN"): // the public key's own text, pasted
		if public, err = highhelp.ParsePublicKey([]byte(token)); err != nil {
			return s, fmt.Errorf("access_token of project %s: %w", p.ID, err)
		}
	case token != "":
		s.AccessToken = token
		return s, nil
	}
	s.AccessToken, err = highhelp.AccessToken(public, p.entry.Signature.Token)
	return s, err
}

// alertKey reads the key that alerts are verified with.
func (p project) alertKey() (highhelp.AlertKey, error) {
	key := highhelp.AlertKey{Variant: p.entry.AlertSignature.Variant}
	if !p.takesAlerts() {
		return key, usageError("no alert key for project %s: set alert_public_key_file or alert_secret_file of the project in %s (Callback settings in HighHelp's cabinet)", p.ID, defaultSchedules)
	}
	var err error
	if p.entry.AlertPublicKeyFile != "" {
		key.PublicKey, err = readKey(p, "alert_public_key_file", p.entry.AlertPublicKeyFile, highhelp.ParsePublicKey)
	}
	if err == nil && p.entry.AlertSecretFile != "" {
		key.Secret, err = readKey(p, "alert_secret_file", p.entry.AlertSecretFile, highhelp.ParseSecret)
	}
	return key, err
}

func (p project) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(p.dir, file)
}

// readKey reads the file of a project's key.
func readKey[K any](p project, setting, file string, parse func([]byte) (K, error)) (key K, err error) {
	if file == "" {
		return key, usageError("no key for project %s: set %s in %s", p.ID, setting, p.where)
	}
	text, err := os.ReadFile(p.path(file))
	if err != nil {
		return key, usageError("key of project %s: %w: mend %s in %s", p.ID, err, setting, p.where)
	}
	if key, err = parse(text); err != nil {
		return key, usageError("%s: %w", p.path(file), err)
	}
	return key, nil
}
