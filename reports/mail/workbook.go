package mail

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/workbook"
)

// cachedWorkbook is a workbook that is ready to send.
type cachedWorkbook struct {
	report  int64
	options reports.Options
	name    string
	size    int64
	content []byte // content of the file; nil if the file is too large to attach
	summary workbook.Summary
	base    *reconcile.Run // the run of the report that is corrected; nil for a period
}

// withoutContent returns a copy of the workbook's details without the content, for a message without an attachment.
func (w *cachedWorkbook) withoutContent() *cachedWorkbook {
	other := *w
	other.content = nil
	return &other
}

// workbookCache keeps the latest workbook, because Deliver sends all deliveries of a report one after the other.
type workbookCache struct{ last *cachedWorkbook }

// workbook returns the workbook of a delivery's report in the recipient's language. If the workbook is not cached, the
// function writes the workbook first.
func (c *workbookCache) workbook(ctx context.Context, m *Mailer, d *reconcile.Delivery) (*cachedWorkbook, error) {
	r := &d.Report
	if c.last != nil && c.last.report == r.ID && c.last.options.Language == d.Recipient.Language {
		return c.last, nil
	}
	w, err := m.makeWorkbook(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("the workbook of report %d: %w", r.ID, err)
	}
	c.last = w
	return w, nil
}

// makeWorkbook writes a workbook to a file, because the workbook may be larger than memory. makeWorkbook reads the file
// only if the workbook is attached.
func (m *Mailer) makeWorkbook(ctx context.Context, d *reconcile.Delivery) (*cachedWorkbook, error) {
	r := &d.Report
	file, drop, err := reports.NewSpool()
	if err != nil {
		return nil, err
	}
	defer drop()
	o, err := m.Options.Reports.For(ctx, m.Deliveries, m.Archive, r)
	if err != nil {
		return nil, err
	}
	o.Now, o.Language = m.Now(), d.Recipient.Language
	if d.Tries > 1 {
		o.KeepIn = "" // the first attempt has already kept a copy of the workbook
	}
	w := &cachedWorkbook{report: r.ID, options: o, base: o.Base}
	if w.summary, err = workbook.Write(ctx, file, m.Archive, r.Scope, o); err != nil {
		return nil, err
	}
	if w.name = reports.PeriodFileName(r.Scope, o, "xlsx"); w.summary.Run != nil {
		w.name = reports.FileName(*w.summary.Run, o, "xlsx")
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if w.size = info.Size(); encoded(w.size) <= cmp.Or(m.Options.MaxAttachment, DefaultMaxAttachment) {
		w.content, err = io.ReadAll(io.NewSectionReader(file, 0, w.size))
	}
	return w, err
}

// encoded returns the size of a file in base64, in lines of 76 characters.
func encoded(size int64) int64 { return (size + 56) / 57 * 78 }
