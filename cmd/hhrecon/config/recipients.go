package config

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"hhrecon/reconcile"
)

// EmailEntry is one recipient of a job. An entry is an address, or an address with the language of the mails.
type EmailEntry struct {
	reconcile.Recipient
	line int
}

// UnmarshalYAML accepts an address, or a mapping without unknown keys.
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

// email checks an entry. The error names the line stored in the entry, because the entry's index is wrong if an
// earlier entry was unreadable.
func (v *validation) email(e EmailEntry) {
	v.check(validAddress(e.Address), "%q is not an email address", e.Address).atLine(e.line)
	v.oneOf(e.Language, "en", "ru", "ky").atLine(e.line)
}

// validAddress reports whether the text is a single address without a display name.
func validAddress(address string) bool {
	name, host, found := strings.Cut(address, "@")
	return found && name != "" && host != "" && !strings.ContainsAny(address, " \t\r\n,;<>\"()") &&
		!strings.Contains(host, "@")
}

// MailEntry is the section "mail" of schedules.yaml.
type MailEntry struct {
	MaxAttachment string `yaml:"max_attachment"`
}

// maxAttachment parses a size such as 15MB and returns it in bytes. maxAttachment returns 0 if the size is not set.
func (m MailEntry) maxAttachment() (int64, bool) {
	if m.MaxAttachment == "" {
		return 0, true
	}
	text, whole := strings.CutSuffix(m.MaxAttachment, "MB")
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	return n * 1_000_000, whole && err == nil && n > 0
}

// Recipients returns the recipients of all jobs of a kind for a project, without duplicates. An empty kind selects all
// jobs. An empty project selects the jobs that have no project and therefore apply to all projects.
func (s *Settings) Recipients(do, projectID string) []reconcile.Recipient {
	var all []reconcile.Recipient
	for _, j := range s.Jobs {
		if do == "" || j.Do == do && (j.Project == "" || j.Project == projectID) {
			all = append(all, j.Recipients()...)
		}
	}
	return unique(all)
}

// Recipients returns the recipients of the job.
func (j JobEntry) Recipients() []reconcile.Recipient {
	return reconcile.Map(j.Email, func(e EmailEntry) reconcile.Recipient { return e.Recipient })
}

// unique removes duplicate addresses. unique keeps the first entry of each address.
func unique(all []reconcile.Recipient) []reconcile.Recipient {
	var some []reconcile.Recipient
	for _, r := range all {
		if !slices.ContainsFunc(some, func(o reconcile.Recipient) bool { return strings.EqualFold(o.Address, r.Address) }) {
			some = append(some, r)
		}
	}
	return some
}

// NamedRecipients returns the recipients named by a flag.
func (s *Settings) NamedRecipients(flag string, addresses []string) ([]reconcile.Recipient, error) {
	var all []reconcile.Recipient
	known := s.Recipients("", "")
	for _, address := range addresses {
		if !validAddress(address) {
			return nil, UsageErrorf("%s %q is not an email address", flag, address)
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

// ReportJob returns the name and the recipients of the job that reports exactly this period. If there is no such job,
// ReportJob returns ByHand and the recipients of all report jobs of the project.
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

// ByHand is the job name of a report that a person requests.
const ByHand = "by hand"
