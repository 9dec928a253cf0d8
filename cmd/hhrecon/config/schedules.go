// Package config reads and validates the settings in the environment and in schedules.yaml.
//
// Call Read first. Read returns all errors of the settings together as one UsageError. An error in schedules.yaml has a
// file name and a line. Keys are read only when they are needed (Project.Signing, Project.AlertKey).
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

// schedules is the content of schedules.yaml. Durations and keywords are decoded as text. The method validate then
// checks these values and reports their lines.
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

// ProjectEntry is one project in schedules.yaml. Missing values have defaults.
type ProjectEntry struct {
	ID                 string            `yaml:"id"`
	Name               string            `yaml:"name"`
	PrivateKeyFile     string            `yaml:"private_key_file"`
	HMACSecretFile     string            `yaml:"hmac_secret_file"`
	AccessToken        string            `yaml:"access_token"`
	AlertPublicKeyFile string            `yaml:"alert_public_key_file"`
	AlertSecretFile    string            `yaml:"alert_secret_file"`
	NextAlertKeyFile   string            `yaml:"alert_next_public_key_file"` // the next key, which also verifies alerts
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

	FinalStatuses reconcile.FinalStatuses `yaml:"final_statuses"`
	Shadow        bool                    `yaml:"shadow"`
}

// PersonalDataEntry sets how long HighHelp's answers and alerts are stored.
type PersonalDataEntry struct {
	Keep string `yaml:"keep"`
}

// HoldEntry limits the corrections of a run. A run holds corrections above these limits. Limits apply to all classes of
// corrections or to a single class.
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

// HoldLimits are the limits of one class of corrections. A missing limit has the value for all classes, or the default.
type HoldLimits struct {
	Count      *int64   `yaml:"count"`
	Share      *float64 `yaml:"share"`
	TimesUsual *float64 `yaml:"times_usual"`
}

// OutageEntry sets when a run treats HighHelp as down.
type OutageEntry struct {
	Share  *float64 `yaml:"share"`
	Of     *int     `yaml:"of"`
	Pause  string   `yaml:"pause"`
	GiveUp string   `yaml:"give_up"`
}

// JobEntry is one scheduled job.
type JobEntry struct {
	Name    string       `yaml:"name"`
	Cron    string       `yaml:"cron"`
	Do      string       `yaml:"do"`
	Period  string       `yaml:"period"`
	Project string       `yaml:"project"`
	DoneBy  string       `yaml:"done_by"`
	Shadow  bool         `yaml:"shadow"` // the runs of this job are shadow runs, even if the project is not in shadow
	Email   []EmailEntry `yaml:"email"`
}

// readSchedules reads the file and rejects unknown keys. The returned error lists every error in the
// file with its line.
func readSchedules(file string) (*schedules, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, UsageErrorf("schedules: %w", err)
	}
	s := &schedules{file: file, zone: localZone()}
	faults := faultsOf(yaml.Load(text, s, yaml.WithKnownFields()))
	if yaml.Load(text, &s.root) == nil {
		unreadable := make(map[int]bool) // lines with decoder errors; validate does not check these lines again
		for _, f := range faults {
			unreadable[f.line] = true
		}
		faults = append(faults, slices.DeleteFunc(s.validate(), func(f fault) bool { return unreadable[f.line] })...)
	}
	if len(faults) == 0 {
		return s, nil
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return a.line - b.line })
	lines := reconcile.Map(faults, func(f fault) string { return fmt.Sprintf("%s:%d: %s", file, f.line, f.text) })
	return nil, UsageErrorf("%s", strings.Join(lines, "\n"))
}

// fault is one error in schedules.yaml.
type fault struct {
	line int
	text string
}

// goType matches the name of a Go type in the decoder's messages. Users cannot use such names.
var goType = regexp.MustCompile(`field (\S+) not found in type .*`)

// wrongKind matches the decoder's message about a value of the wrong type.
var wrongKind = regexp.MustCompile(`cannot construct !!\S+ (.*) into (\S+)$`)

// describe returns a message of the decoder without the names of Go types.
func describe(message string) string {
	if m := wrongKind.FindStringSubmatch(message); m != nil {
		kinds := map[string]string{
			"float64": "a number", "int": "a whole number", "int64": "a whole number", "bool": "true or false",
			"string": "a text", "[]string": "a list of texts",
		}
		kind := cmp.Or(kinds[m[2]], "valid here: see the example schedules.yaml")
		return strings.Trim(m[1], "`") + " is not " + kind
	}
	return goType.ReplaceAllString(message, "unknown key $1; see the example schedules.yaml")
}

func faultsOf(err error) []fault {
	if err == nil {
		return nil
	}
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		return reconcile.Map(many.Errors, func(e *yaml.LoadError) fault {
			return fault{max(1, e.Mark.Line), describe(e.Message)}
		})
	}
	if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		return []fault{{max(1, one.Mark.Line), one.Message}}
	}
	return []fault{{1, err.Error()}}
}

// line returns the line of a value. The path contains keys of mappings and indexes of sequences, beginning at the top
// level. For a missing value, line returns the line of the nearest enclosing value.
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

// Job is a job of schedules.yaml with its cron schedule.
type Job struct {
	JobEntry
	CronSchedule
}
