package config

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/sql/audit"
)

// Settings contains all settings of hhrecon. Flags override environment variables. Environment variables override
// schedules.yaml. schedules.yaml overrides the defaults. Keys are read only when they are needed, so commands that only
// read history work without keys.
type Settings struct {
	DatabaseURL string
	OwnerURL    string // URL of the same database for the owner of hhrecon's tables; DatabaseURL if not set
	AuditKeys   audit.Keys
	APIURL      string
	SQLDir      string
	ReportDir   string
	SMTPURL     string
	MailFrom    string

	PageURL      string // URL of the page in browsers, without a trailing slash
	HeartbeatURL string // the ID of the project replaces {project} in this URL
	WebhookURL   string

	WebhookSecret string // signs events; "" means that events are not signed
	secretFiles   []SecretFile

	Zone     *time.Location
	OwnZone  bool // the schedules file sets the time zone
	Projects []Project
	Jobs     []JobEntry
	File     string // the schedules file; "" if there is none

	MaxAttachment int64 // maximum size of attachments of a mail, in bytes; 0 means the default
	Page          PageEntry
	UsersFile     string
	OIDCSecret    string
	Token         string // proves the identity of the person who gives a command

	AlertKeys sync.Map // cache of valid keys, by project ID
}

// DefaultSchedules is the name of the schedules file if the user names no file. This file may be missing.
const DefaultSchedules = "schedules.yaml"

// Read reads the environment and the schedules file. If file is empty, see schedulesFile.
// Read returns all errors together as one UsageError.
func Read(getenv func(string) string, file string) (*Settings, error) {
	e := &environment{getenv: getenv}
	s := &Settings{
		DatabaseURL: e.secret("HHRECON_DATABASE_URL"),
		APIURL:      cmp.Or(getenv("HHRECON_API_URL"), highhelp.DefaultBaseURL),
		SQLDir:      getenv("HHRECON_SQL_DIR"),
		ReportDir:   cmp.Or(getenv("HHRECON_REPORT_DIR"), "reports-out"),
		SMTPURL:     e.secret("HHRECON_SMTP_URL"),
		MailFrom:    getenv("HHRECON_MAIL_FROM"),
		UsersFile:   e.file("HHRECON_USERS_FILE"),
		OIDCSecret:  e.secret("HHRECON_OIDC_CLIENT_SECRET"),
		Token:       e.secret("HHRECON_TOKEN"),
		Zone:        localZone(),

		PageURL:       strings.TrimRight(getenv("HHRECON_PAGE_URL"), "/"),
		HeartbeatURL:  e.secret("HHRECON_HEARTBEAT_URL"),
		WebhookURL:    e.secret("HHRECON_WEBHOOK_URL"),
		WebhookSecret: e.secret("HHRECON_WEBHOOK_SECRET"),
	}
	e.faults = append(e.faults, s.readAudit(e))
	s.secretFiles = e.files
	e.faults = append(e.faults, s.checkURLs(getenv("HHRECON_WEBHOOK_ALLOW_HTTP")))
	if err := errors.Join(e.faults...); err != nil {
		return nil, err
	}
	if file = schedulesFile(file, s.SQLDir); file != "" {
		read, err := readSchedules(file)
		if err != nil {
			return nil, err
		}
		s.File, s.Zone, s.Jobs, s.Page = file, read.zone, read.Jobs, read.Page
		s.OwnZone = read.Timezone != ""
		s.MaxAttachment, _ = read.Mail.maxAttachment()
		for i, entry := range read.Projects {
			where := fmt.Sprintf("%s line %d", file, read.line("projects", i, "id"))
			s.Projects = append(s.Projects, NewProject(entry, where, filepath.Dir(file)))
		}
		for i := range s.Jobs { // the project ID of a job may differ in case
			p, _ := s.Project(s.Jobs[i].Project)
			s.Jobs[i].Project = p.ID
		}
	}
	err := s.addProjectOfEnvironment(getenv)
	for i := range s.Projects {
		s.Projects[i].Zone = s.Zone
	}
	return s, err
}

// schedulesFile returns the named file. If no file is named, schedulesFile returns DefaultSchedules in the working
// folder or beside the folder of the merchant's queries, since these queries need the statuses of this file.
func schedulesFile(named, sqlDir string) string {
	files := []string{DefaultSchedules}
	if sqlDir != "" {
		files = append(files, filepath.Join(filepath.Dir(filepath.Clean(sqlDir)), DefaultSchedules))
	}
	for _, file := range files {
		if _, err := os.Stat(file); named == "" && !errors.Is(err, os.ErrNotExist) {
			return file
		}
	}
	return named
}

// addProjectOfEnvironment replaces the projects of the file by the project that the environment names. If the file also
// contains this project, hhrecon reads the project's other settings from the file.
func (s *Settings) addProjectOfEnvironment(getenv func(string) string) error {
	id, keyFile := getenv("HHRECON_PROJECT_ID"), getenv("HHRECON_PRIVATE_KEY_FILE")
	switch {
	case id == "" && keyFile == "":
		return nil
	case id == "":
		return UsageErrorf("HHRECON_PRIVATE_KEY_FILE is set without HHRECON_PROJECT_ID: set both, or unset the first and "+
			"name the key in %s", DefaultSchedules)
	case !highhelp.ValidProjectID(id):
		return UsageErrorf("HHRECON_PROJECT_ID %q is not a UUID: copy it from HighHelp's dashboard", id)
	}
	p, ok := s.Project(id)
	if !ok {
		p = NewProject(ProjectEntry{ID: id}, "the environment (HHRECON_PRIVATE_KEY_FILE)", ".")
	}
	if keyFile != "" {
		p.Entry.PrivateKeyFile, p.dir, p.Where = keyFile, ".", "the environment (HHRECON_PRIVATE_KEY_FILE)"
	}
	s.Projects = []Project{p}
	return nil
}

// Project returns the project with this ID, if it exists.
func (s *Settings) Project(id string) (Project, bool) {
	i := slices.IndexFunc(s.Projects, func(p Project) bool { return strings.EqualFold(p.ID, id) })
	if i < 0 {
		return Project{}, false
	}
	return s.Projects[i], true
}

// Choose returns the projects with these IDs. Without IDs it returns all projects.
func (s *Settings) Choose(ids []string) ([]Project, error) {
	if len(s.Projects) == 0 {
		return nil, UsageErrorf("no project is set: set HHRECON_PROJECT_ID and HHRECON_PRIVATE_KEY_FILE, or list projects "+
			"in %s", DefaultSchedules)
	}
	if len(ids) == 0 {
		return s.Projects, nil
	}
	var chosen []Project
	for _, id := range ids {
		p, ok := s.Project(id)
		if !ok {
			return nil, UsageErrorf("there is no project %q in %s", id, s.Source())
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// One returns the project with this ID. If id is empty and the settings have only one project,
// One returns that project.
func (s *Settings) One(id string) (Project, error) {
	var ids []string
	if id != "" {
		ids = []string{id}
	}
	chosen, err := s.Choose(ids)
	if err != nil {
		return Project{}, err
	}
	if len(chosen) > 1 {
		return Project{}, UsageErrorf("there are %d projects: name one with --project", len(chosen))
	}
	return chosen[0], nil
}

// Source returns where the projects' settings come from, for messages.
func (s *Settings) Source() string {
	if s.File == "" {
		return "the environment"
	}
	return s.File
}

// Rules returns the settings of each project that package reconcile needs.
func (s *Settings) Rules() []reconcile.Project {
	return reconcile.Map(s.Projects, func(p Project) reconcile.Project { return p.Project })
}

// ProjectNames returns the names of the projects by ID.
func (s *Settings) ProjectNames() map[string]string {
	names := make(map[string]string, len(s.Projects))
	for _, p := range s.Projects {
		names[p.ID] = p.Name
	}
	return names
}

// checkURLs checks the addresses of heartbeat, webhook and page. Errors do not contain the addresses, which may be
// secret.
func (s *Settings) checkURLs(allowHTTP string) error {
	var faults []error
	for name, text := range map[string]string{
		"HHRECON_HEARTBEAT_URL": s.HeartbeatURL, "HHRECON_WEBHOOK_URL": s.WebhookURL, "HHRECON_PAGE_URL": s.PageURL,
	} {
		u, err := url.Parse(text)
		if text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			faults = append(faults, UsageErrorf("%s is not an address: write https://host/path", name))
		}
	}
	switch allowed, err := strconv.ParseBool(cmp.Or(allowHTTP, "false")); {
	case err != nil:
		faults = append(faults, UsageErrorf("HHRECON_WEBHOOK_ALLOW_HTTP %q is not true or false", allowHTTP))
	case faults == nil && s.WebhookURL != "" && !allowed && !safeURL(s.WebhookURL):
		faults = append(faults, UsageErrorf("HHRECON_WEBHOOK_URL is plain http to another machine: write https://, "+
			"or set HHRECON_WEBHOOK_ALLOW_HTTP=true if the network between them is private"))
	}
	return errors.Join(faults...)
}

// Schedules returns the jobs with their cron schedules.
func (s *Settings) Schedules() []Job {
	var jobs []Job
	for _, entry := range s.Jobs {
		if c, err := NewCronSchedule(entry.Cron, s.Zone); err == nil { // err is always nil, since the file was validated
			jobs = append(jobs, Job{entry, c})
		}
	}
	return jobs
}

// UsageError is an error in arguments or settings. The command has done nothing.
type UsageError struct{ cause error }

func (e *UsageError) Error() string { return e.cause.Error() }

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.cause }

// UsageErrorf returns a UsageError. UsageErrorf formats its text as fmt.Errorf does.
func UsageErrorf(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// MissesDeadline describes the deadline that a run misses if it ends at the time done. MissesDeadline returns "" if
// no deadline is missed.
func (s *Settings) MissesDeadline(run *reconcile.Run, done time.Time) string {
	for _, j := range s.Schedules() {
		text, ours := strings.CutPrefix(run.Origin.Occurrence, j.Name+" ")
		due, err := time.Parse(time.RFC3339, text)
		if !ours || err != nil {
			continue
		}
		if by := Deadline(j.DoneBy, due, j.Zone); !by.IsZero() && done.After(by) {
			return "job " + j.Name + " must be done by " + j.DoneBy
		}
	}
	return ""
}
