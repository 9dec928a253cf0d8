package config

import (
	"strconv"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// RetentionAt returns the project's retention at a given time.
func (p Project) RetentionAt(now time.Time) reconcile.Retention {
	return reconcile.Retention{ProjectID: p.ID, Before: now.Add(-p.Retention), Setting: p.Entry.Retention, Now: now}
}

// LongestRetention returns the longest retention of all projects. LongestRetention returns 0 if a
// project never deletes findings.
func (s *Settings) LongestRetention() (longest time.Duration) {
	for _, p := range s.Projects {
		if p.Retention == 0 {
			return 0
		}
		longest = max(longest, p.Retention)
	}
	return longest
}

// reportsReach is the maximum age of findings that reports and the page need. Reports need findings from the beginning
// of last month. The page for support needs 90 days.
const reportsReach = 92 * 24 * time.Hour

// leastRetention returns the shortest valid retention. Runs, reports and the page may need findings up to this age.
func (p Project) leastRetention() time.Duration {
	return p.Window + p.Recheck + reportsReach
}

// ParseAge parses a duration such as 12h, or whole days such as 400d. An empty text means 0.
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

func (v *validation) retention(e ProjectEntry) {
	length, ok := ParseAge(e.Retention)
	v.check(ok, "retention %q is not a duration: write 400d or 9600h", e.Retention).at("retention")
	least := NewProject(e, "", "").leastRetention()
	v.check(!ok || length == 0 || length >= least,
		"retention %s is too short: window, recheck and %dd for reports and the page need %dd; write that or more, or "+
			"omit it to keep everything",
		e.Retention, reportsReach/(24*time.Hour), (least+24*time.Hour-1)/(24*time.Hour)).at("retention")
}

// leastPersonalData is the shortest valid time to keep answers and alerts. Alerts and interrupted runs need the answers
// for less than this time.
const leastPersonalData = 7 * 24 * time.Hour

func (v *validation) personalData(e ProjectEntry) {
	keep, ok := ParseAge(e.PersonalData.Keep)
	v.check(ok, "keep %q is not a duration: write 90d or 2160h", e.PersonalData.Keep).at("personal_data", "keep")
	v.check(!ok || keep == 0 || keep >= leastPersonalData, "keep %s is too short: write 7d or more",
		e.PersonalData.Keep).at("personal_data", "keep")
}
