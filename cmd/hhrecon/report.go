package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// reportCmd is `hhrecon report`.
type reportCmd struct {
	RunID   int64  `name:"run" help:"The run." placeholder:"N" xor:"scope"`
	From    string `help:"Runs started at or after; a day or RFC 3339." placeholder:"D" xor:"scope"`
	To      string `help:"Runs started before; default now." placeholder:"D"`
	Project string `help:"Only this project." placeholder:"ID"`
	Out     string `help:"Where the report goes; - is standard output." placeholder:"FILE"`
	Format  string `help:"xlsx, csv or json." enum:"xlsx,csv,json" default:"xlsx"`
}

func (c *reportCmd) Run(ctx context.Context, a *app) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	store, err := a.openStore(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	n := &night{app: a, settings: s, store: store}
	scope, name, err := c.scope(ctx, n)
	if err != nil {
		return err
	}
	if c.Out == "-" {
		return n.writeReport(ctx, a.stdout, c.Format, scope)
	}
	path := c.Out
	if path == "" {
		path = filepath.Join(s.reportDir, name)
	}
	if err := n.writeReportFile(ctx, path, c.Format, scope); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, path)
	return nil
}

// scope says what the report is about, and what its file is called.
func (c *reportCmd) scope(ctx context.Context, n *night) (reconcile.Scope, string, error) {
	if c.RunID != 0 {
		run, err := n.store.Run(ctx, c.RunID)
		if errors.Is(err, reconcile.ErrNoRun) || err == nil && c.Project != "" && run.ProjectID != c.Project {
			return reconcile.Scope{}, "", usageError("there is no run %d: hhrecon runs lists those that there are", c.RunID)
		}
		return reconcile.Scope{RunID: c.RunID}, n.fileName(run, c.Format), err
	}
	if c.From == "" {
		return reconcile.Scope{}, "", usageError("say which runs: --run N, or --from D --to D")
	}
	zone := n.settings.zone
	from, to, err := parseWindow(c.From, c.To, zone, time.Time{}, time.Now())
	if err != nil {
		return reconcile.Scope{}, "", err
	}
	name := fmt.Sprintf("hhrecon-%s-to-%s.%s", from.In(zone).Format("20060102T1504"), to.In(zone).Format("20060102T1504"), c.Format)
	return reconcile.Scope{ProjectID: c.Project, Window: reconcile.Window{From: from, To: to}}, name, nil
}

func (n *night) fileName(run reconcile.Run, format string) string {
	return reports.FileName(run, n.reportOptions(), format)
}

func (n *night) reportOptions() reports.Options {
	return reports.Options{Zone: n.settings.zone, Projects: n.settings.projectNames(), Version: version, Now: time.Now()}
}

// writeWorkbook makes a run's workbook and returns where it is.
func (n *night) writeWorkbook(ctx context.Context, run reconcile.Run) (string, error) {
	path := n.report
	if path == "" {
		path = filepath.Join(n.settings.reportDir, n.fileName(run, "xlsx"))
	}
	return path, n.writeReportFile(ctx, path, "xlsx", reconcile.Scope{RunID: run.ID})
}

// writeReportFile writes the whole file or none: under a name of its own first, then in place.
func (n *night) writeReportFile(ctx context.Context, path, format string, scope reconcile.Scope) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".hhrecon-*")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	if err := n.writeReport(ctx, file, format, scope); err != nil {
		return err
	}
	if err := errors.Join(file.Chmod(0o640), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (n *night) writeReport(ctx context.Context, w io.Writer, format string, scope reconcile.Scope) error {
	options := n.reportOptions()
	switch format {
	case "csv":
		return reports.WriteCSV(ctx, w, n.store, scope, options)
	case "json":
		return reports.WriteJSON(ctx, w, n.store, scope, options)
	}
	_, err := reports.WriteWorkbook(ctx, w, n.store, scope, options)
	return err
}
