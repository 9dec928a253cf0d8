package config

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"hhrecon/reconcile"
)

// EmailEntry is one recipient of a job: an address, or a mapping with the language that its mails are in.
type EmailEntry struct {
	reconcile.Recipient
	line int
}

// UnmarshalYAML takes an address as it stands, or a mapping, as strictly as the rest of the file.
func (e *EmailEntry) UnmarshalYAML(node *yaml.Node) error {
	e.line = node.Line
	switch node.Kind {
	case yaml.MappingNode:
		return node.Load(&e.Recipient, yaml.WithKnownFields())
	case yaml.ScalarNode:
		return node.Load(&e.Address)
	}
	return errors.New("an email entry is an address, or {address: cfo@merchant.example, language: ru}")
}

// email judges an entry. It knows its own line, since entries that could not be read are not counted.
func (v *validation) email(e EmailEntry) {
	v.check(validAddress(e.Address), "%q is no email address", e.Address).atLine(e.line)
	v.oneOf(e.Language, "en", "ru", "ky").atLine(e.line)
}

// validAddress takes what mail servers take: one address, without a name.
func validAddress(address string) bool {
	name, host, found := strings.Cut(address, "@")
	return found && name != "" && host != "" && !strings.ContainsAny(address, " \t\r\n,;<>\"()") &&
		!strings.Contains(host, "@")
}

// MailEntry is what schedules.yaml says about emails.
type MailEntry struct {
	MaxAttachment string `yaml:"max_attachment"`
}

// maxAttachment reads "15MB", in bytes; 0 where nothing is said.
func (m MailEntry) maxAttachment() (int64, bool) {
	if m.MaxAttachment == "" {
		return 0, true
	}
	text, whole := strings.CutSuffix(m.MaxAttachment, "MB")
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	return n * 1_000_000, whole && err == nil && n > 0
}

// Recipients are those of the jobs of a kind that cover a project; "" is all projects, which only jobs without a
// project cover. Without a kind they are those of every job. Each is there once.
func (s *Settings) Recipients(do, projectID string) []reconcile.Recipient {
	var all []reconcile.Recipient
	for _, j := range s.Jobs {
		if do == "" || j.Do == do && (j.Project == "" || j.Project == projectID) {
			all = append(all, j.Recipients()...)
		}
	}
	return unique(all)
}

// Recipients are those of the job's emails.
func (j JobEntry) Recipients() []reconcile.Recipient {
	all := make([]reconcile.Recipient, len(j.Email))
	for i, e := range j.Email {
		all[i] = e.Recipient
	}
	return all
}

// unique leaves every address there once, with what was said of it first.
func unique(all []reconcile.Recipient) []reconcile.Recipient {
	var some []reconcile.Recipient
	for _, r := range all {
		if !slices.ContainsFunc(some, func(o reconcile.Recipient) bool { return strings.EqualFold(o.Address, r.Address) }) {
			some = append(some, r)
		}
	}
	return some
}

// NamedRecipients are the recipients that a command names.
func (s *Settings) NamedRecipients(flag string, addresses []string) ([]reconcile.Recipient, error) {
	var all []reconcile.Recipient
	known := s.Recipients("", "")
	for _, address := range addresses {
		if !validAddress(address) {
			return nil, UsageErrorf("%s %q is no email address", flag, address)
		}
		r := reconcile.Recipient{Address: address}
		if i := slices.IndexFunc(known,
			func(k reconcile.Recipient) bool { return strings.EqualFold(k.Address, address) }); i >= 0 {
			r.Language = known[i].Language
		}
		all = append(all, r)
	}
	return unique(all), nil
}

// ReportJob is the job that makes the report of a period, with its recipients; where none makes just that, the
// recipients of all report jobs for the project.
func (s *Settings) ReportJob(scope reconcile.ReportScope) (string, []reconcile.Recipient) {
	for _, j := range s.Jobs {
		window, err := PeriodOf(j.Period, scope.Window.To, s.Zone)
		if j.Do == "report" && j.Project == scope.ProjectID && err == nil && window.From.Equal(scope.Window.From) &&
			window.To.Equal(scope.Window.To) {
			return j.Name, j.Recipients()
		}
	}
	return ByHand, s.Recipients("report", scope.ProjectID)
}

// ByHand is the job of a period's report that no job makes.
const ByHand = "by hand"
