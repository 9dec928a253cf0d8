package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
	"hhrecon/reports"
)

// reportCmd is the command `hhrecon report`.
type reportCmd struct {
	RunID   int64  `name:"run" help:"The run." placeholder:"N" xor:"scope"`
	From    string `help:"Only runs started at or after this time, a day or RFC 3339." placeholder:"D" xor:"scope"`
	To      string `help:"Only runs started before this time; default: now." placeholder:"D"`
	Project string `help:"Only this project." placeholder:"ID"`
	Out     string `help:"File of the report; - is standard output." placeholder:"FILE"`
	Format  string `help:"xlsx, csv or json." enum:"xlsx,csv,json" default:"xlsx"`
	Email   bool   `help:"Also send the report to the recipients of the jobs, if they did not get it yet."`

	Password  string `help:"Password of the workbook; HHRECON_REPORT_PASSWORD is safer." placeholder:"WORD"`
	Schema    bool   `help:"Only print the JSON Schema of a line of --format json."`
	Separator string `help:"Separator of a CSV, or tab; default: by language." placeholder:"CHAR"`
	Encoding  string `help:"Encoding of a CSV: utf-8 or cp1251." enum:"utf-8,cp1251" default:"utf-8"`
	Language  string `help:"Language of a workbook or CSV: en, ru or ky." enum:"en,ru,ky" default:"en"`
}

func (c *reportCmd) Run(ctx context.Context, a *app) error {
	if c.Password == "" {
		var err error
		if c.Password, err = config.Secret(a.getenv, "HHRECON_REPORT_PASSWORD"); err != nil {
			return err
		}
	}
	if c.Password != "" && c.Format != "xlsx" {
		return config.UsageErrorf("--password protects workbooks only: omit it, or use --format xlsx")
	}
	format, err := c.csvFormat()
	if err != nil {
		return err
	}
	if c.Schema {
		_, err := a.Stdout.Write(reports.FindingSchema)
		return err
	}
	return a.withStore(ctx, func(n *service.RunContext) error {
		n.Language, n.Password, n.CSV, n.Outgoing = c.Language, c.Password, format, new([]int64)
		scope, name, err := c.scope(ctx, n)
		if err != nil {
			return err
		}
		write := func(w io.Writer) error { return n.WriteReport(ctx, w, c.Format, scope) }
		path := c.Out
		switch c.Out {
		case "-":
			if c.Email {
				return config.UsageErrorf("--out - cannot be combined with --email")
			}
			return write(a.Stdout)
		case "":
			path, err = reports.Save(n.Settings.ReportDir, name, write)
		default:
			if info, statErr := os.Stat(c.Out); statErr == nil && info.IsDir() {
				return config.UsageErrorf("--out %s is a folder: name a file in it", c.Out)
			}
			err = reports.Replace(c.Out, write)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(a.Stdout, path)
		if c.Email {
			return n.EmailReport(ctx, scope)
		}
		return nil
	})
}

// csvFormat returns the form of a CSV, and checks its flags.
func (c *reportCmd) csvFormat() (reports.CSVFormat, error) {
	format := reports.CSVFormat{CP1251: c.Encoding == "cp1251"}
	if c.Format != "csv" && (c.Separator != "" || format.CP1251) {
		return format, config.UsageErrorf("--separator and --encoding are for CSV only: omit them, or use --format csv")
	}
	if format.CP1251 && c.Language == "ky" {
		return format, config.UsageErrorf("--encoding cp1251 has no ө, ү and ң: omit it, or use --language ru")
	}
	switch c.Separator {
	case "":
	case ",", ";", "|", "\t":
		format.Separator = rune(c.Separator[0])
	case "tab", `\t`:
		format.Separator = '\t'
	default:
		return format, config.UsageErrorf("--separator %q is not a separator: use one of , ; | and tab", c.Separator)
	}
	return format, nil
}

// scope returns the scope of the report and its file name.
func (c *reportCmd) scope(ctx context.Context, n *service.RunContext) (reconcile.ReportScope, string, error) {
	if c.RunID != 0 {
		run, err := service.FindRun(ctx, n.Store, c.RunID)
		if err == nil && c.Project != "" && run.ProjectID != c.Project {
			err = config.UsageErrorf("run %d belongs to project %s", c.RunID, run.ProjectID)
		}
		return reconcile.ReportScope{RunID: c.RunID}, reports.FileName(run, n.ReportOptions(), c.Format), err
	}
	if c.Project != "" {
		runs, err := n.Store.Runs(ctx, c.Project, 1)
		if err == nil && len(runs) == 0 {
			err = config.UsageErrorf("project %q has no runs: run \"hhrecon runs\" to list the runs", c.Project)
		}
		if err != nil {
			return reconcile.ReportScope{}, "", err
		}
	}
	if c.From == "" {
		return reconcile.ReportScope{}, "", config.UsageErrorf("name the runs: --run N, or --from D --to D")
	}
	window, err := config.ParseWindow(c.From, c.To, n.Settings.Zone, reconcile.Window{To: time.Now()})
	scope := reconcile.ReportScope{ProjectID: c.Project, Window: window}
	return scope, reports.PeriodFileName(scope, n.ReportOptions(), c.Format), err
}
