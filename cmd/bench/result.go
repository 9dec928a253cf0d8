package main

import (
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// benchResult is the printed result of a benchmark.
type benchResult struct {
	Payins      int64   `json:"payins"`
	Latency     string  `json:"latency"`
	Concurrency int     `json:"concurrency"`
	Rate        float64 `json:"rate"` // 0 means no limit
	Signing     string  `json:"signing"`
	Go          string  `json:"go"`
	CPUs        int     `json:"cpus"`
	Database    string  `json:"database"`

	Seconds          float64      `json:"seconds"` // duration of the run, including its workbook
	PerSecond        float64      `json:"payins_per_second"`
	Ideal            float64      `json:"ideal_per_second"`
	IdealBy          string       `json:"ideal_by"`
	Percent          float64      `json:"percent_of_ideal"`
	SigningPerSecond float64      `json:"signing_per_second"`
	Corrected        int64        `json:"rows_corrected"`
	Wall             []benchStage `json:"wall"`
	CPU              []benchStage `json:"cpu"`
	CPUSeconds       float64      `json:"cpu_seconds"` // CPU time of this process, from the kernel
	PeakMemory       int64        `json:"peak_memory_bytes"`

	RoundTrips            int64   `json:"round_trips"` // number of round trips to PostgreSQL
	RoundTripsPerThousand float64 `json:"round_trips_per_thousand"`
	Workbook              string  `json:"workbook,omitempty"`
}

// benchStage is the time spent in one stage.
type benchStage struct {
	Stage          string  `json:"stage"`
	Seconds        float64 `json:"seconds"`
	MicrosPerPayin float64 `json:"microseconds_per_payin"`
}

// benchWall has the times at which the stages of a run ended.
type benchWall struct {
	began  time.Time
	opened time.Time // when the payins were selected
	asked  time.Time // when the last answers were judged and stored
	closed time.Time // when all findings were settled
	ended  time.Time // when the workbook was written and verified
}

func (w *benchWall) total() time.Duration { return w.ended.Sub(w.began) }

func (w *benchWall) stages() []benchStage {
	return []benchStage{
		{Stage: "selecting", Seconds: w.opened.Sub(w.began).Seconds()},
		{Stage: "requests, until the last answer is stored", Seconds: w.asked.Sub(w.opened).Seconds()},
		{Stage: "settling", Seconds: w.closed.Sub(w.asked).Seconds()},
		{Stage: "closing, workbook", Seconds: w.ended.Sub(w.closed).Seconds()},
	}
}

func (r *benchResult) write(out io.Writer) error {
	limit := "no rate limit"
	if r.Rate > 0 {
		limit = fmt.Sprintf("at most %v a second", r.Rate)
	}
	fmt.Fprintf(out, "%d payins, latency %s, %d at once, %s, %s; %s\n%s, %d processors\n\n",
		r.Payins, r.Latency, r.Concurrency, limit, r.Signing, r.Database, r.Go, r.CPUs)

	t := newTable(out, "Figure", "Of", "Value")
	t.AppendRows([]table.Row{
		{"payins a second", "complete run with workbook", fmt.Sprintf("%.0f", r.PerSecond)},
		{"ideal", r.IdealBy, fmt.Sprintf("%.0f", r.Ideal)},
		{"share of the ideal", "", fmt.Sprintf("%.1f %%", r.Percent)},
		{"signatures a second", "all processors, signing alone", fmt.Sprintf("%.0f", r.SigningPerSecond)},
		{"peak memory", "this process", r.memory()},
		{"round trips to the database", "per 1000 payins", r.trips()},
	})
	t.Render()

	t = stageTable(out, "Wall time", "Seconds")
	for _, s := range r.Wall {
		t.AppendRow(table.Row{s.Stage, fmt.Sprintf("%.2f", s.Seconds)})
	}
	t.AppendFooter(table.Row{"complete run", fmt.Sprintf("%.2f", r.Seconds)})
	t.Render()

	t = stageTable(out, "CPU of this process", "µs a payin", "Share")
	for _, s := range r.CPU {
		share := fmt.Sprintf("%.0f %%", 100*s.Seconds/r.CPUSeconds)
		t.AppendRow(table.Row{s.Stage, fmt.Sprintf("%.1f", s.MicrosPerPayin), share})
	}
	t.AppendFooter(table.Row{"all", fmt.Sprintf("%.1f", 1e6*r.CPUSeconds/float64(r.Payins)), "100 %"})
	t.Render()
	if r.Workbook != "" {
		fmt.Fprintf(out, "Workbook: %s\n", r.Workbook)
	}
	return nil
}

func (r *benchResult) memory() string {
	if r.PeakMemory == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%.0f MB", float64(r.PeakMemory)/1e6)
}

func (r *benchResult) trips() string {
	if r.RoundTrips == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f", r.RoundTripsPerThousand)
}

// newTable returns a plain table with a right-aligned third column.
func newTable(out io.Writer, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header, t.Style().Format.Footer = text.FormatDefault, text.FormatDefault
	t.AppendHeader(header)
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight},
	})
	return t
}

// stageTable returns a plain table in which all columns except the first are right-aligned.
func stageTable(out io.Writer, header ...any) table.Writer {
	fmt.Fprintln(out)
	t := newTable(out, header...)
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, Align: text.AlignRight, AlignFooter: text.AlignRight},
		{Number: 3, Align: text.AlignRight, AlignFooter: text.AlignRight},
	})
	return t
}
