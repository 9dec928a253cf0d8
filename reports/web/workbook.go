package web

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/workbook"
)

// maxWorkbooks is the maximum number of workbooks that are written concurrently. More workbooks would take memory and
// processor time from runs.
const maxWorkbooks = 2

// workbook writes the workbook of a run to a file, then sends the file. If the totals do not agree, the handler
// sends an error page.
func (p runPages) workbook(w http.ResponseWriter, r *http.Request, run reconcile.Run) {
	if run.ClosedAt.IsZero() {
		p.refuse(w, r, http.StatusConflict, "There is no workbook yet",
			fmt.Sprintf("Run %d is not closed yet. The workbook is available after the run is closed.", run.ID))
		return
	}
	draft, drop, err := reports.NewSpool()
	if err != nil {
		p.fail(w, r, fmt.Errorf("create a file for the workbook: %w", err))
		return
	}
	defer drop()
	o := p.reportOptions()
	if err := p.writeWorkbook(r.Context(), draft, run.ID, o); err != nil {
		p.fail(w, r, fmt.Errorf("workbook of run %d: %w", run.ID, err))
		return
	}
	if _, err := draft.Seek(0, io.SeekStart); err != nil {
		p.fail(w, r, fmt.Errorf("workbook of run %d: %w", run.ID, err))
		return
	}
	err = p.Record(r.Context(), reconcile.Event{
		ProjectID: run.ProjectID, Kind: reconcile.ActionDownload, Actor: userOf(r).Name,
		Facts: map[string]string{"via": "page", "run": fmt.Sprint(run.ID)},
	})
	if err != nil {
		p.fail(w, r, fmt.Errorf("record the download of run %d: %w", run.ID, err))
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment",
		map[string]string{"filename": reports.FileName(run, o, "xlsx")}))
	http.ServeContent(w, r, "", time.Time{}, draft)
}

// writeWorkbook waits for a slot and releases the slot when the workbook is written. A slow download therefore does
// not block other workbooks.
func (p runPages) writeWorkbook(ctx context.Context, draft io.Writer, runID int64, o reports.Options) error {
	select {
	case p.workbookSlots <- struct{}{}:
		defer func() { <-p.workbookSlots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	_, err := workbook.Write(ctx, draft, p.Store, reconcile.ReportScope{RunID: runID}, o)
	return err
}

func (p *page) reportOptions() reports.Options {
	s := p.Settings()
	names := make(map[string]string, len(s.Projects))
	for _, project := range s.Projects {
		names[project.ID] = project.Name
	}
	return reports.Options{Zone: s.Zone, Projects: names, Version: p.Version, Now: p.Now(), Support: p.Store}
}
