package reports

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"hhrecon/reconcile"
)

// FileName returns the file name of a run's report, for example "hhrecon-som-widget-run-7-2026-11-01.xlsx". The
// extension must have no dot. Save adds a number if the name is taken.
func FileName(run reconcile.Run, o Options, extension string) string {
	if o.Base != nil { // the file name of a corrected report has the date of the earlier report
		run = *o.Base
	}
	return fmt.Sprintf("hhrecon-%s-run-%d-%s%s.%s", slug(o.ProjectName(run.ProjectID)), run.ID,
		run.StartedAt.In(o.Location()).Format("2006-01-02"), o.versionSuffix(), extension)
}

// versionSuffix distinguishes the file of a corrected report from the file of the original report.
func (o *Options) versionSuffix() string {
	if o.ReportVersion == 0 {
		return ""
	}
	return fmt.Sprintf("-correction-%d", o.ReportVersion)
}

// PeriodFileName returns the file name of the report of a period. The file name contains the first and last day
// of the period: "hhrecon-som-widget-2026-10-01-to-2026-10-31.xlsx".
func PeriodFileName(s reconcile.ReportScope, o Options, extension string) string {
	r := Report{Options: o, Scope: s}
	name := "all-projects"
	if s.ProjectID != "" {
		name = slug(o.ProjectName(s.ProjectID))
	}
	return fmt.Sprintf("hhrecon-%s-%s-to-%s%s.%s", name, r.Day(s.Window.From), r.lastDay(), o.versionSuffix(), extension)
}

// slug makes a name valid in every file system. slug keeps letters and digits of any script and replaces
// other characters with hyphens.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name),
		func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	safe := []rune(strings.Join(words, "-"))
	return cmp.Or(string(safe[:min(50, len(safe))]), "project")
}

// Save writes a report into a directory and returns its path. Save never overwrites a file. If the name is taken,
// Save adds "-2", "-3" and so on. The file appears only when the report is complete. Only the user of hhrecon's
// process can read the file.
func Save(directory, name string, write func(io.Writer) error) (string, error) {
	var path string
	err := place(directory, write, func() (_ string, err error) {
		path, err = reserve(directory, name)
		return path, err
	})
	return path, err
}

// Replace writes a report to a path. Replace overwrites an existing file only when the new report is complete.
func Replace(path string, write func(io.Writer) error) error {
	return place(filepath.Dir(path), write, func() (string, error) { return path, nil })
}

// These constants set the name of a draft, and the age after which Save removes a draft.
const (
	draftName  = ".hhrecon-report-"
	staleDraft = 24 * time.Hour
)

// dropDrafts removes drafts of processes that were killed while they saved a report.
func dropDrafts(directory string, before time.Time) {
	files, _ := os.ReadDir(directory) // ignored: if the directory is unreadable, saving the report returns the error
	for _, file := range files {
		if !strings.HasPrefix(file.Name(), draftName) || !file.Type().IsRegular() {
			continue
		}
		if info, err := file.Info(); err == nil && info.ModTime().Before(before) {
			_ = os.Remove(filepath.Join(directory, file.Name())) // ignored: the next call tries again
		}
	}
}

// place writes a draft into the directory. When the draft is complete, place moves it to the path that
// the function goal returns.
func place(directory string, write func(io.Writer) error, goal func() (string, error)) error {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return fmt.Errorf("save the report: %w", err)
	}
	dropDrafts(directory, time.Now().Add(-staleDraft))
	draft, err := os.CreateTemp(directory, draftName)
	if err != nil {
		return fmt.Errorf("save the report: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }() // does nothing if the draft was moved
	err = write(draft)
	if err == nil {
		err = draft.Sync()
	}
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	path, err := goal()
	if err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return fmt.Errorf("save the report: %w", err)
	}
	return nil
}

// reserve creates a file with the first free name. Only one process can create a file with this name.
func reserve(directory, name string) (string, error) {
	extension := filepath.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	for n := 1; ; n++ {
		path := filepath.Join(directory, name)
		if n > 1 {
			path = filepath.Join(directory, fmt.Sprintf("%s-%d%s", stem, n, extension))
		}
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("save the report: %w", err)
		}
		return path, file.Close()
	}
}
