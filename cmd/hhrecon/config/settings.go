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

// Settings are all that the environment and schedules.yaml say: flag over environment over file over
// default. Keys are read when they are needed, so that a history can be looked at without them.
type Settings struct {
	DatabaseURL string
	OwnerURL    string // of the same database for the user that owns hhrecon's tables; DatabaseURL if it is not set
	AuditKeys   audit.Keys
	APIURL      string
	SQLDir      string
	ReportDir   string
	SMTPURL     string
	MailFrom    string

	PageURL      string // the page's, as browsers see it, without a slash at its end
	HeartbeatURL string // {project} in it stands for the project's id
	WebhookURL   string

	WebhookSecret string // signs what the webhook is sent; "" signs nothing
	secretFiles   []SecretFile

	Zone     *time.Location
	Projects []Project
	Jobs     []JobEntry
	File     string // the schedules file that was read; "" where there is none

	MaxAttachment int64 // of a mail, in bytes; 0: the default
	Page          PageEntry
	UsersFile     string
	OIDCSecret    string
	Token         string // that proves who gives a command

	AlertKeys sync.Map // those that were read and are right, by project
}

// DefaultSchedules is the file that is read if none is named and it exists.
const DefaultSchedules = "schedules.yaml"

// Read reads them all: the environment, and the schedules file, which may be "" for the default one where it
// exists. Faults come back together, as one UsageError.
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
	if file = schedulesFile(file); file != "" {
		read, err := readSchedules(file)
		if err != nil {
			return nil, err
		}
		s.File, s.Zone, s.Jobs, s.Page = file, read.zone, read.Jobs, read.Page
		s.MaxAttachment, _ = read.Mail.maxAttachment()
		for i, entry := range read.Projects {
			where := fmt.Sprintf("%s line %d", file, read.line("projects", i, "id"))
			s.Projects = append(s.Projects, NewProject(entry, where, filepath.Dir(file)))
		}
		for i := range s.Jobs { // its project may be written in other letters
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

// schedulesFile is the file that is named, or the default one where it exists.
func schedulesFile(named string) string {
	if named != "" {
		return named
	}
	if _, err := os.Stat(DefaultSchedules); errors.Is(err, os.ErrNotExist) {
		return ""
	}
	return DefaultSchedules
}

// addProjectOfEnvironment puts the project that the environment names in place of the file's list;
// where the file has that project too, its other settings there hold.
func (s *Settings) addProjectOfEnvironment(getenv func(string) string) error {
	id, keyFile := getenv("HHRECON_PROJECT_ID"), getenv("HHRECON_PRIVATE_KEY_FILE")
	switch {
	case id == "" && keyFile == "":
		return nil
	case id == "":
		return UsageErrorf("HHRECON_PRIVATE_KEY_FILE is set without HHRECON_PROJECT_ID: set both, or unset the first and "+
			"name the key in %s", DefaultSchedules)
	case !highhelp.ValidProjectID(id):
		return UsageErrorf("HHRECON_PROJECT_ID %q is no UUID: take it from HighHelp's cabinet", id)
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

// Project is the one with this id, if there is one.
func (s *Settings) Project(id string) (Project, bool) {
	i := slices.IndexFunc(s.Projects, func(p Project) bool { return strings.EqualFold(p.ID, id) })
	if i < 0 {
		return Project{}, false
	}
	return s.Projects[i], true
}

// Choose returns the projects that a command is about: the named ones, or all.
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

// One returns the project that a command about a single one means.
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
		return Project{}, UsageErrorf("there are %d projects: say which with --project", len(chosen))
	}
	return chosen[0], nil
}

// Source names where the projects come from, for messages.
func (s *Settings) Source() string {
	if s.File == "" {
		return "the environment"
	}
	return s.File
}

// Rules are the projects as the domain knows them.
func (s *Settings) Rules() []reconcile.Project {
	projects := make([]reconcile.Project, len(s.Projects))
	for i, p := range s.Projects {
		projects[i] = p.Project
	}
	return projects
}

// ProjectNames are the names of the projects by their ID.
func (s *Settings) ProjectNames() map[string]string {
	names := make(map[string]string, len(s.Projects))
	for _, p := range s.Projects {
		names[p.ID] = p.Name
	}
	return names
}

// checkURLs says what is wrong with the addresses of notices; what was written is not shown, since it often is a
// secret.
func (s *Settings) checkURLs(allowHTTP string) error {
	var faults []error
	for name, text := range map[string]string{
		"HHRECON_HEARTBEAT_URL": s.HeartbeatURL, "HHRECON_WEBHOOK_URL": s.WebhookURL, "HHRECON_PAGE_URL": s.PageURL,
	} {
		u, err := url.Parse(text)
		if text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			faults = append(faults, UsageErrorf("%s is no address: write https://host/path", name))
		}
	}
	switch allowed, err := strconv.ParseBool(cmp.Or(allowHTTP, "false")); {
	case err != nil:
		faults = append(faults, UsageErrorf("HHRECON_WEBHOOK_ALLOW_HTTP %q is not true or false", allowHTTP))
	case faults == nil && s.WebhookURL != "" && !allowed && !safeURL(s.WebhookURL):
		faults = append(faults, UsageErrorf("HHRECON_WEBHOOK_URL is plain http to another machine: write https://, "+
			"or set HHRECON_WEBHOOK_ALLOW_HTTP=true if the way there is private"))
	}
	return errors.Join(faults...)
}

// Schedules are the jobs with their due times.
func (s *Settings) Schedules() []Job {
	var jobs []Job
	for _, entry := range s.Jobs {
		if c, err := NewCronSchedule(entry.Cron, s.Zone); err == nil { // always: the file was validated
			jobs = append(jobs, Job{entry, c})
		}
	}
	return jobs
}

// UsageError is a fault in what the user gave: arguments or settings. Nothing was done.
type UsageError struct{ cause error }

func (e *UsageError) Error() string { return e.cause.Error() }

// Unwrap returns the fault.
func (e *UsageError) Unwrap() error { return e.cause }

// UsageErrorf makes one, as fmt.Errorf does.
func UsageErrorf(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// MissesDeadline says why a run that is done then is too late: its job has a done_by. It is empty if the run is not
// late.
func (s *Settings) MissesDeadline(run *reconcile.Run, done time.Time) string {
	for _, j := range s.Schedules() {
		text, ours := strings.CutPrefix(run.Origin.Occurrence, j.Name+" ")
		due, err := time.Parse(time.RFC3339, text)
		if !ours || err != nil {
			continue
		}
		if by := Deadline(j.DoneBy, due, j.Zone); !by.IsZero() && done.After(by) {
			return "job " + j.Name + " is to be done by " + j.DoneBy
		}
	}
	return ""
}
