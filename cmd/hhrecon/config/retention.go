package config

import (
	"strconv"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// RetentionAt is what of the project is old at a moment.
func (p Project) RetentionAt(now time.Time) reconcile.Retention {
	return reconcile.Retention{ProjectID: p.ID, Before: now.Add(-p.Retention), Setting: p.Entry.Retention, Now: now}
}

// LongestRetention is that of the projects; 0 if one of them keeps everything.
func (s *Settings) LongestRetention() (longest time.Duration) {
	for _, p := range s.Projects {
		if p.Retention == 0 {
			return 0
		}
		longest = max(longest, p.Retention)
	}
	return longest
}

// reportsReach is how far back reports and the page look: last month's, on its last day, and the support page's 90
// days.
const reportsReach = 92 * 24 * time.Hour

// leastRetention keeps whatever a run, a report or the page may still ask for.
func (p Project) leastRetention() time.Duration {
	return p.Window + p.Recheck + reportsReach
}

// ParseAge reads a length of time as settings have it, or whole days: 400d. An empty text is 0.
func ParseAge(text string) (time.Duration, bool) {
	if text == "" {
		return 0, true
	}
	const day, mostDays = 24 * time.Hour, 100_000
	if days, whole := strings.CutSuffix(text, "d"); whole {
		n, err := strconv.ParseUint(days, 10, 32)
		return time.Duration(n) * day, err == nil && n > 0 && n <= mostDays
	}
	length, err := time.ParseDuration(text)
	return length, err == nil && length > 0
}

func (v *validation) retention(i int, e ProjectEntry) {
	length, ok := ParseAge(e.Retention)
	v.check(ok, "retention %q is no length of time: write 400d or 9600h", e.Retention).at("projects", i, "retention")
	least := NewProject(e, "", "").leastRetention()
	v.check(!ok || length == 0 || length >= least,
		"retention %s is too short: window, recheck and %dd for reports and the page come to %dd; write that or more, or "+
			"leave it out to keep everything",
		e.Retention, reportsReach/(24*time.Hour), (least+24*time.Hour-1)/(24*time.Hour)).at("projects", i, "retention")
}

// leastPersonalData is longer than an alert or an interrupted run waits for what it needs of an answer.
const leastPersonalData = 7 * 24 * time.Hour

func (v *validation) personalData(i int, e ProjectEntry) {
	keep, ok := ParseAge(e.PersonalData.Keep)
	v.check(ok, "keep %q is not a length of time: write 90d or 2160h", e.PersonalData.Keep).
		at("projects", i, "personal_data", "keep")
	v.check(!ok || keep == 0 || keep >= leastPersonalData, "keep %s is too short: write 7d or more", e.PersonalData.Keep).
		at("projects", i, "personal_data", "keep")
}
