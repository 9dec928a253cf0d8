package service

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports"
)

const som, other = "57aff4db-b45d-42bf-bc5f-b7a499a01782", "b7a499a0-b45d-42bf-bc5f-b7a499a01782"

// TestRemove checks that the reports of deleted runs and of old periods are deleted. Recent reports, reports of other
// projects and of existing runs, and files with other names must remain.
func TestRemoveExpired(t *testing.T) {
	dir := t.TempDir()
	gone := []string{
		"hhrecon-som-widget-run-7-2025-01-31.xlsx", "hhrecon-som-widget-run-7-2025-01-31-2.xlsx",
		"hhrecon-som-widget-run-7-2025-01-31-correction-1.xlsx", "hhrecon-som-widget-run-7-2025-01-31-correction-1-3.xlsx",
		"hhrecon-som-widget-run-7-2025-01-31.csv", "hhrecon-som-widget-run-7-2025-01-31.json",
		"hhrecon-som-widget-2025-01-01-to-2025-01-31.xlsx", "hhrecon-som-widget-2025-01-01-to-2025-01-31-correction-2.xlsx",
	}
	ofAll := []string{"hhrecon-all-projects-2025-01-01-to-2025-01-31.xlsx"}
	kept := []string{
		"hhrecon-som-widget-run-8-2025-01-31.xlsx",         // the run is in the database
		"hhrecon-som-widget-run-7-2025-02-01.xlsx",         // the day is not old enough
		"hhrecon-som-widget-2025-01-01-to-2025-02-01.xlsx", // the period is not old enough
		"hhrecon-som-run-7-2025-01-31.xlsx", "hhrecon-som-widget-b-run-7-2025-01-31.xlsx",
		"hhrecon-som-widget-run-7-2025-01-31.xlsx.bak", "hhrecon-som-widget-run-7-2025-01-31 (signed).xlsx", "notes.xlsx",
		"my-hhrecon-som-widget-run-7-2025-01-31.xlsx", "hhrecon-som-widget-run-07-2025-01-31.xlsx",
		"hhrecon-som-widget-run-7-2025-13-31.xlsx", "hhrecon-Som-widget-run-7-2025-01-31.xlsx",
		"hhrecon-som-widget-run-99999999999999999999-2025-01-31.xlsx",
	}
	for _, name := range slices.Concat(gone, kept, ofAll) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder, link := "hhrecon-som-widget-run-9-2025-01-31.xlsx", "hhrecon-som-widget-run-10-2025-01-31.xlsx"
	if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("notes.xlsx", filepath.Join(dir, link)); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("+06", 6*60*60)
	o := reports.Options{Zone: zone, Projects: map[string]string{som: "Som widget", other: "Other"}}
	r := reconcile.Retention{ProjectID: som, Before: time.Date(2025, 2, 1, 0, 0, 0, 0, zone), DryRun: true}
	deleted := func(run int64) (bool, error) { return run != 8, nil }
	check := func(want int, left ...string) {
		t.Helper()
		n, err := removeExpired(dir, r, o, deleted)
		if err != nil || n != want {
			t.Errorf("%d removed, want %d, %v", n, want, err)
		}
		var names []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		slices.Sort(left)
		if !slices.Equal(names, left) {
			t.Errorf("the files are\n%q, want\n%q", names, left)
		}
	}
	s := &config.Settings{ReportDir: dir, Zone: zone, Projects: []config.Project{{}, {}}}
	s.Projects[0].ID, s.Projects[1].ID = som, other
	s.Projects[0].Name, s.Projects[1].Name = "Som widget", "Other"
	runs := ReportedRuns(s)
	slices.Sort(runs)
	if got, want := slices.Compact(runs), []int64{7, 8, 9, 10}; !slices.Equal(got, want) {
		t.Errorf("the reported runs are %d, want %d", got, want)
	}
	more := append(slices.Clone(kept), folder, link)
	check(len(gone), slices.Concat(gone, more, ofAll)...) // a dry run lists the files and does not delete any file
	r.DryRun, r.ProjectID = false, other
	check(0, slices.Concat(gone, more, ofAll)...)
	r.ProjectID = som
	check(len(gone), slices.Concat(more, ofAll)...)
	r.ProjectID = ""
	check(1, more...)
	dir = filepath.Join(dir, "nowhere")
	check(0)
}
