package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"hhrecon/reconcile"
)

// emailEntry is one recipient of a job: an address, or a mapping with the language that its mails are in.
type emailEntry struct {
	Address  string `yaml:"address"`
	Language string `yaml:"language"`

	line int
}

// UnmarshalYAML takes an address as it stands, or a mapping, as strictly as the rest of the file.
func (e *emailEntry) UnmarshalYAML(node *yaml.Node) error {
	e.line = node.Line
	switch node.Kind {
	case yaml.MappingNode:
		type plain emailEntry
		return node.Load((*plain)(e), yaml.WithKnownFields())
	case yaml.ScalarNode:
		return node.Load(&e.Address)
	}
	return errors.New("an email entry is an address, or {address: cfo@merchant.example, language: ru}")
}

// email judges an entry. It knows its own line, since entries that could not be read are not counted.
func (v *validation) email(e emailEntry) {
	v.check(validAddress(e.Address), "%q is no email address", e.Address).atLine(e.line)
	v.oneOf(e.Language, "en", "ru", "ky").atLine(e.line)
}

// validAddress takes what mail servers take: one address, without a name.
func validAddress(address string) bool {
	name, host, found := strings.Cut(address, "@")
	return found && name != "" && host != "" && !strings.ContainsAny(address, " \t\r\n,;<>\"()") && !strings.Contains(host, "@")
}

// mailEntry is what schedules.yaml says about emails.
type mailEntry struct {
	MaxAttachment string `yaml:"max_attachment"`
}

// maxAttachment reads "15MB", in bytes; 0 where nothing is said.
func (m mailEntry) maxAttachment() (int64, bool) {
	if m.MaxAttachment == "" {
		return 0, true
	}
	text, whole := strings.CutSuffix(m.MaxAttachment, "MB")
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	return n * 1_000_000, whole && err == nil && n > 0
}

// recipients are those of the jobs of a kind that cover a project; "" is all projects, which only jobs without a
// project cover. Each is there once.
func (s *settings) recipients(do, projectID string) []reconcile.Recipient {
	var all []reconcile.Recipient
	for _, j := range s.jobs {
		if j.Do == do && (j.Project == "" || j.Project == projectID) {
			all = append(all, j.recipients()...)
		}
	}
	return each(all)
}

func (j jobEntry) recipients() []reconcile.Recipient {
	all := make([]reconcile.Recipient, len(j.Email))
	for i, e := range j.Email {
		all[i] = reconcile.Recipient{Address: e.Address, Language: e.Language}
	}
	return all
}

// each leaves every address there once, with what was said of it first.
func each(all []reconcile.Recipient) []reconcile.Recipient {
	var some []reconcile.Recipient
	for _, r := range all {
		if !slices.ContainsFunc(some, func(o reconcile.Recipient) bool { return strings.EqualFold(o.Address, r.Address) }) {
			some = append(some, r)
		}
	}
	return some
}

// named are the recipients that a command names.
func (s *settings) named(flag string, addresses []string) ([]reconcile.Recipient, error) {
	var all []reconcile.Recipient
	known := append(s.everyRecipient(), reconcile.Recipient{})
	for _, address := range addresses {
		if !validAddress(address) {
			return nil, usageError("%s %q is no email address", flag, address)
		}
		r := reconcile.Recipient{Address: address}
		if i := slices.IndexFunc(known, func(k reconcile.Recipient) bool { return strings.EqualFold(k.Address, address) }); i >= 0 {
			r.Language = known[i].Language
		}
		all = append(all, r)
	}
	return each(all), nil
}

// everyRecipient is every recipient of any job.
func (s *settings) everyRecipient() []reconcile.Recipient {
	var all []reconcile.Recipient
	for _, j := range s.jobs {
		all = append(all, j.recipients()...)
	}
	return each(all)
}

func addresses(entries []emailEntry) []string {
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.Address
	}
	return all
}
