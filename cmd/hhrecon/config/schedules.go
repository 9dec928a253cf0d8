// Package config reads and validates the settings of hhrecon: the environment and schedules.yaml.
//
// Call Read first. Faults come back all at once as a UsageError, those of the file with its name and line. Keys are
// read only when needed (Project.Signing, Project.AlertKey).
package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"hhrecon/reconcile"
)

// schedules is the file schedules.yaml. Words and durations are read as text and judged by
// validate, which knows the line of each.
type schedules struct {
	Timezone string         `yaml:"timezone"`
	Projects []ProjectEntry `yaml:"projects"`
	Jobs     []JobEntry     `yaml:"jobs"`
	Mail     MailEntry      `yaml:"mail"`
	Page     PageEntry      `yaml:"page"`

	file string
	root yaml.Node
	zone *time.Location
}

// ProjectEntry is one project of the file; what is left out has the default.
type ProjectEntry struct {
	ID                 string            `yaml:"id"`
	Name               string            `yaml:"name"`
	PrivateKeyFile     string            `yaml:"private_key_file"`
	HMACSecretFile     string            `yaml:"hmac_secret_file"`
	AccessToken        string            `yaml:"access_token"`
	AlertPublicKeyFile string            `yaml:"alert_public_key_file"`
	AlertSecretFile    string            `yaml:"alert_secret_file"`
	NextAlertKeyFile   string            `yaml:"alert_next_public_key_file"` // proves alerts too
	NextAlertSecret    string            `yaml:"alert_next_secret_file"`
	DifferentAmount    string            `yaml:"different_amount"`
	AcceptWithin       AcceptEntry       `yaml:"accept_within"`
	SuccessSubStatuses []string          `yaml:"success_sub_statuses"`
	OpenStatuses       []string          `yaml:"open_statuses"`
	Window             string            `yaml:"window"`
	MinAge             string            `yaml:"min_age"`
	Grace              string            `yaml:"grace"`
	Recheck            string            `yaml:"recheck"`
	RecheckLimit       *int64            `yaml:"recheck_limit"`
	Rate               *float64          `yaml:"rate"`
	Concurrency        *int              `yaml:"concurrency"`
	HTTP               *int              `yaml:"http"`
	Retention          string            `yaml:"retention"`
	PersonalData       PersonalDataEntry `yaml:"personal_data"`
	AttemptTimeout     string            `yaml:"attempt_timeout"`
	PayinTimeout       string            `yaml:"payin_timeout"`
	StatusMap          map[string]string `yaml:"status_map"`
	HoldAbove          HoldEntry         `yaml:"hold_above"`
	HoldAboveSum       int64             `yaml:"hold_above_sum"`
	Approval           ApprovalEntry     `yaml:"approval"`
	Outage             OutageEntry       `yaml:"outage"`
	Signature          SignatureEntry    `yaml:"signature"`
	AlertSignature     SignatureEntry    `yaml:"alert_signature"`
}

// PersonalDataEntry is how long HighHelp's answers and alerts are kept as they were received.
type PersonalDataEntry struct {
	Keep string `yaml:"keep"`
}

// HoldEntry is when classes of a project's corrections are held: limits for all of them, and for single ones.
type HoldEntry struct {
	HoldLimits  `yaml:",inline"`
	Declines    HoldLimits `yaml:"declines"`
	OtherSums   HoldLimits `yaml:"other_sums"`
	LateCredits HoldLimits `yaml:"late_credits"`
	Downgrades  HoldLimits `yaml:"downgrades"`
}

func (h *HoldEntry) classes() map[reconcile.Class]*HoldLimits {
	return map[reconcile.Class]*HoldLimits{
		reconcile.Declines: &h.Declines, reconcile.OtherSums: &h.OtherSums,
		reconcile.LateCredits: &h.LateCredits, reconcile.Downgrades: &h.Downgrades,
	}
}

// HoldLimits are limits that are set; the others are those for all classes, or the defaults.
type HoldLimits struct {
	Count      *int64   `yaml:"count"`
	Share      *float64 `yaml:"share"`
	TimesUsual *float64 `yaml:"times_usual"`
}

// OutageEntry is when HighHelp counts as down.
type OutageEntry struct {
	Share  *float64 `yaml:"share"`
	Of     *int     `yaml:"of"`
	Pause  string   `yaml:"pause"`
	GiveUp string   `yaml:"give_up"`
}

// JobEntry is one schedule.
type JobEntry struct {
	Name    string       `yaml:"name"`
	Cron    string       `yaml:"cron"`
	Do      string       `yaml:"do"`
	Period  string       `yaml:"period"`
	Project string       `yaml:"project"`
	DoneBy  string       `yaml:"done_by"`
	Email   []EmailEntry `yaml:"email"`
}

// readSchedules reads the file strictly. The error names every fault with its line.
func readSchedules(file string) (*schedules, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, UsageErrorf("schedules: %w", err)
	}
	s := &schedules{file: file, zone: localZone()}
	faults := faultsOf(yaml.Load(text, s, yaml.WithKnownFields()))
	if yaml.Load(text, &s.root) == nil {
		told := make(map[int]bool) // a value that could not be read is not judged as well
		for _, f := range faults {
			told[f.line] = true
		}
		faults = append(faults, slices.DeleteFunc(s.validate(), func(f fault) bool { return told[f.line] })...)
	}
	if len(faults) == 0 {
		return s, nil
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return a.line - b.line })
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = fmt.Sprintf("%s:%d: %s", file, f.line, f.text)
	}
	return nil, UsageErrorf("%s", strings.Join(lines, "\n"))
}

// fault is one thing wrong with the file.
type fault struct {
	line int
	text string
}

// goType takes the Go type's name, of no use to a person, out of the decoder's messages.
var goType = regexp.MustCompile(`field (\S+) not found in type .*`)

// wrongKind is the decoder's word for a value of another kind than the key's.
var wrongKind = regexp.MustCompile(`cannot construct !!\S+ (.*) into (\S+)$`)

// describe says a decoder's message in words that do not need Go.
func describe(message string) string {
	if m := wrongKind.FindStringSubmatch(message); m != nil {
		kinds := map[string]string{
			"float64": "a number", "int": "a whole number", "int64": "a whole number", "bool": "true or false",
			"string": "a text", "[]string": "a list of texts",
		}
		kind := cmp.Or(kinds[m[2]], "what belongs here: compare with the example schedules.yaml")
		return strings.Trim(m[1], "`") + " is not " + kind
	}
	return goType.ReplaceAllString(message, "unknown key $1; see the example schedules.yaml for those that there are")
}

func faultsOf(err error) []fault {
	if err == nil {
		return nil
	}
	var many *yaml.LoadErrors
	if errors.As(err, &many) {
		faults := make([]fault, len(many.Errors))
		for i, e := range many.Errors {
			faults[i] = fault{max(1, e.Mark.Line), describe(e.Message)}
		}
		return faults
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		return []fault{{max(1, one.Mark.Line), one.Message}}
	}
	return []fault{{1, err.Error()}}
}

// line finds where a value stands: keys of mappings and indexes of sequences, from the top. It falls
// back to the nearest thing around a value that is not there.
func (s *schedules) line(path ...any) int {
	node := &s.root
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := max(1, node.Line)
	for _, step := range path {
		var next *yaml.Node
		switch step := step.(type) {
		case int:
			if node.Kind == yaml.SequenceNode && step < len(node.Content) {
				next = node.Content[step]
			}
		case string:
			for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == step {
					line, next = node.Content[i].Line, node.Content[i+1]
				}
			}
		}
		if next == nil {
			return line
		}
		if _, index := step.(int); index {
			line = next.Line
		}
		node = next
	}
	return line
}

// Job is one schedule in force.
type Job struct {
	JobEntry
	CronSchedule
}
