package service

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports"
)

const reportSuffix = `(?:-correction-\d+)?(?:-\d+)?\.(?:xlsx|csv|json)$`

var (
	ofRun    = regexp.MustCompile(`^(hhrecon-.+-run-(\d+)-(\d{4}-\d{2}-\d{2}))` + reportSuffix)
	ofPeriod = regexp.MustCompile(`^(hhrecon-.+-(\d{4}-\d{2}-\d{2})-to-(\d{4}-\d{2}-\d{2}))` + reportSuffix)
)

// runGone is a function that reports whether a run is no longer in the database.
type runGone func(run int64) (bool, error)

// expiredFiles lists a project's reports in a folder if their last day is older than the retention. expiredFiles lists
// the report of a single run only if the run is no longer in the database. Without a project, expiredFiles lists the
// reports about all projects.
func expiredFiles(folder string, r reconcile.Retention, o reports.Options, gone runGone) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	zone := cmp.Or(o.Zone, time.UTC)
	old := func(day string) (time.Time, bool) {
		at, err := time.ParseInLocation(time.DateOnly, day, zone)
		return at, err == nil && !at.AddDate(0, 0, 1).After(r.Before)
	}
	var files []string
	for _, entry := range entries {
		if err != nil || !entry.Type().IsRegular() {
			continue
		}
		expired := false
		if m := ofRun.FindStringSubmatch(entry.Name()); m != nil && r.ProjectID != "" {
			id, _ := strconv.ParseInt(m[2], 10, 64) // if the number is too large for an int64, id matches no run
			day, isOld := old(m[3])
			run := reconcile.Run{ID: id, ProjectID: r.ProjectID, StartedAt: day}
			if isOld && m[1]+".xlsx" == reports.FileName(run, o, "xlsx") {
				expired, err = gone(id)
			}
		} else if m := ofPeriod.FindStringSubmatch(entry.Name()); m != nil {
			from, _ := old(m[2])
			last, isOld := old(m[3])
			scope := reconcile.ReportScope{ProjectID: r.ProjectID,
				Window: reconcile.Window{From: from, To: last.AddDate(0, 0, 1)}}
			expired = isOld && m[1]+".xlsx" == reports.PeriodFileName(scope, o, "xlsx")
		}
		if expired {
			files = append(files, filepath.Join(folder, entry.Name()))
		}
	}
	return files, err
}

// ReportedRuns lists the runs that have reports in the report folder. If the folder cannot be read, ReportedRuns
// returns no runs, and hhrecon check reports the error.
func ReportedRuns(s *config.Settings) (runs []int64) {
	entries, _ := os.ReadDir(s.ReportDir)
	o := reports.Options{Zone: s.Zone, Projects: s.ProjectNames()}
	for _, entry := range entries {
		m := ofRun.FindStringSubmatch(entry.Name())
		if m == nil {
			continue
		}
		id, _ := strconv.ParseInt(m[2], 10, 64) // if the number is too large for an int64, id matches no run
		day, _ := time.ParseInLocation(time.DateOnly, m[3], s.Zone)
		for _, p := range s.Projects {
			run := reconcile.Run{ID: id, ProjectID: p.ID, StartedAt: day}
			if m[1]+".xlsx" == reports.FileName(run, o, "xlsx") {
				runs = append(runs, id)
			}
		}
	}
	return runs
}

// removeExpired deletes the expired reports and returns their number. A dry run only counts the reports.
func removeExpired(folder string, r reconcile.Retention, o reports.Options, gone runGone) (int, error) {
	files, err := expiredFiles(folder, r, o, gone)
	if err != nil || r.DryRun {
		return len(files), err
	}
	for i, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return i, err
		}
	}
	return len(files), nil
}
