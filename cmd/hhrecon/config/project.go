package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// Project is one HighHelp project with all its settings.
type Project struct {
	reconcile.Project
	Entry          ProjectEntry
	Where          string // location of the project's settings for messages, such as "schedules.yaml line 4"
	dir            string // folder for relative paths of key files
	Rate           float64
	AttemptTimeout time.Duration
	PayinTimeout   time.Duration
	FirstPause     time.Duration // pause before the first retry of a request; 0 means the default of the client
	HTTP           int           // highhelp.HTTP1 or HTTP2
	ApproveAbove   int64         // in minor units; a larger sum requires a second person; 0 means never
	Retention      time.Duration // how long findings are stored; 0 means forever
	PersonalData   time.Duration // how long HighHelp's answers and alerts are stored; 0 means as long as the findings
}

// NewProject returns the project of a validated entry, with defaults for missing settings.
func NewProject(e ProjectEntry, where, dir string) Project {
	p := Project{Project: reconcile.DefaultProject(e.ID), Entry: e, Where: where, dir: dir, Rate: 50,
		AttemptTimeout: 15 * time.Second, PayinTimeout: 45 * time.Second, HTTP: highhelp.HTTP2}
	p.Name, p.Shadow, p.StatusMap, p.Hold.Sum = e.Name, e.Shadow, e.StatusMap, e.HoldAboveSum
	p.SuccessSubStatuses, p.Open, p.Final = e.SuccessSubStatuses, e.OpenStatuses, e.FinalStatuses
	if within, ok := e.AcceptWithin.within(); ok {
		p.AcceptWithin = within
	}
	if e.DifferentAmount != "" {
		p.DifferentAmount = reconcile.Policy(e.DifferentAmount)
	}
	for text, into := range map[*string]*time.Duration{
		&e.Window: &p.Window, &e.MinAge: &p.MinAge, &e.Grace: &p.Grace, &e.Recheck: &p.Recheck,
		&e.AttemptTimeout: &p.AttemptTimeout, &e.PayinTimeout: &p.PayinTimeout,
		&e.Outage.Pause: &p.Outage.Pause, &e.Outage.GiveUp: &p.Outage.MaxWait,
	} {
		if length, err := time.ParseDuration(*text); err == nil {
			*into = length
		}
	}
	p.Retention, _ = ParseAge(e.Retention)
	p.PersonalData, _ = ParseAge(e.PersonalData.Keep)
	Fill(&p.ApproveAbove, e.Approval.Above)
	Fill(&p.Rate, e.Rate)
	Fill(&p.Concurrency, e.Concurrency)
	Fill(&p.RecheckLimit, e.RecheckLimit)
	Fill(&p.HTTP, e.HTTP)
	e.HoldAbove.fill(&p.Hold)
	for class, limits := range e.HoldAbove.classes() {
		if *limits != (HoldLimits{}) {
			own := p.Hold
			limits.fill(&own)
			if p.HoldClasses == nil {
				p.HoldClasses = make(map[reconcile.Class]reconcile.HoldLimits)
			}
			p.HoldClasses[class] = own
		}
	}
	Fill(&p.Outage.Share, e.Outage.Share)
	Fill(&p.Outage.Sample, e.Outage.Of)
	return p
}

func (l *HoldLimits) fill(into *reconcile.HoldLimits) {
	Fill(&into.Count, l.Count)
	Fill(&into.Share, l.Share)
	Fill(&into.TimesUsual, l.TimesUsual)
}

// Fill copies the value to *into, unless the pointer to the value is nil.
func Fill[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}

// ApprovalEntry sets the sum above which a second person must approve an action.
type ApprovalEntry struct {
	Above *int64 `yaml:"above"` // in minor units; nil means not set
}

// AcceptEntry is the largest difference between two amounts that hhrecon accepts. The value is a percentage, or a
// percentage and a sum in minor units.
type AcceptEntry struct {
	Percent string `yaml:"percent"`
	Sum     int64  `yaml:"sum"`
}

// UnmarshalYAML also accepts a percentage without a sum.
func (a *AcceptEntry) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		a.Percent = node.Value
		return nil
	}
	type plain AcceptEntry
	return node.Decode((*plain)(a))
}

// within parses an AcceptEntry. The percentage may have two decimals. within returns false if a value is invalid.
func (a AcceptEntry) within() (*reconcile.AcceptWithin, bool) {
	percent := strings.TrimSpace(strings.TrimSuffix(cmp.Or(a.Percent, "10"), "%"))
	whole, part, _ := strings.Cut(percent, ".")
	points, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 32)
	ok := err == nil && whole != "" && len(part) <= 2 && points <= maxAccept && a.Sum >= 0
	return &reconcile.AcceptWithin{BasisPoints: int64(points), Sum: a.Sum}, ok //nolint:gosec // points has at most 32 bits
}

const maxAccept = 100_000 // in basis points; this limit is 1000 % of the amount

// merchantStatuses checks the settings that name the merchant's own statuses.
func (v *validation) merchantStatuses(p ProjectEntry) {
	_, ok := p.AcceptWithin.within()
	v.check(ok, "accept_within is a percentage up to 1000%%, such as 10%% or 2.5%%, or {percent: 10, sum: MINOR UNITS}").
		at("accept_within")
	final := NewProject(p, "", "").FinalStatuses()
	for _, status := range p.OpenStatuses {
		ok := status != "" && !slices.Contains(final, status)
		v.check(ok, "open_statuses: %q is empty or the name of a final status", status).at("open_statuses")
	}
	v.check(!slices.Contains(p.SuccessSubStatuses, ""),
		"success_sub_statuses: omit the empty sub-status").at("success_sub_statuses")
}
