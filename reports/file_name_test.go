package reports

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

const somProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

func TestFileName(t *testing.T) {
	zone := time.FixedZone("Asia/Bishkek", 6*60*60)
	o := Options{Zone: zone}
	run := reconcile.Run{ID: 7, ProjectID: somProject}
	run.StartedAt = time.Date(2026, 11, 1, 2, 30, 0, 0, zone)
	for name, want := range map[string]string{
		"Som widget":       "hhrecon-som-widget-run-7-2026-11-01.xlsx",
		"Касса № 1":        "hhrecon-касса-1-run-7-2026-11-01.xlsx",
		"../../etc/passwd": "hhrecon-etc-passwd-run-7-2026-11-01.xlsx",
		"***":              "hhrecon-project-run-7-2026-11-01.xlsx",
		"":                 "hhrecon-57aff4db-b45d-42bf-bc5f-b7a499a01782-run-7-2026-11-01.xlsx",
	} {
		o.Projects = map[string]string{somProject: name}
		if got := FileName(run, o, "xlsx"); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	month := reconcile.ReportScope{Window: reconcile.Window{From: time.Date(2026, 10, 1, 0, 0, 0, 0, zone),
		To: time.Date(2026, 11, 1, 0, 0, 0, 0, zone)}}
	if got, want := PeriodFileName(month, o, "csv"), "hhrecon-all-projects-2026-10-01-to-2026-10-31.csv"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestSave checks that the file name of a second report gets a number, and that a failed report leaves no file.
func TestSave(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "reports-out")
	for _, want := range []string{"r.xlsx", "r-2.xlsx", "r-3.xlsx"} {
		path, err := Save(directory, "r.xlsx", func(w io.Writer) error {
			_, err := io.WriteString(w, want)
			return err
		})
		if err != nil || path != filepath.Join(directory, want) {
			t.Fatalf("%s, %v, want %s", path, err, want)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != want {
			t.Errorf("%s holds %q, %v", path, text, err)
		}
	}
	wrong := errors.New("wrong")
	if path, err := Save(directory, "bad.xlsx", func(io.Writer) error { return wrong }); !errors.Is(err, wrong) ||
		path != "" {
		t.Errorf("%s, %v", path, err)
	}
	entries, err := os.ReadDir(directory)
	if err != nil || len(entries) != 3 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

// TestSaveAfterKill checks that Save removes old drafts of killed processes and keeps all other files.
func TestSaveAfterKill(t *testing.T) {
	directory := t.TempDir()
	for name, age := range map[string]time.Duration{".hhrecon-report-dead": 25 * time.Hour,
		".hhrecon-report-alive": time.Hour, "r.xlsx": 25 * time.Hour} {
		path := filepath.Join(directory, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600),
			os.Chtimes(path, time.Time{}, time.Now().Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Save(directory, "r.xlsx", func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != ".hhrecon-report-alive r-2.xlsx r.xlsx" {
		t.Errorf("the folder holds %s", got)
	}
}
