package reports

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// sheet is a table of findings that is written row by row. Where Excel's rows run out it goes on in
// "… (2)".
type sheet struct {
	book    *book
	title   string
	empty   string // what stands in it where there is nothing
	columns []column
	mark    func(p *page, last int) error // what is to be seen at a glance; may be nil
	seal    func(p *page) error           // the last that is done to a page; may be nil

	pages []*page
	rows  int64
	row   rowCells
}

// page is one worksheet of a sheet.
type page struct {
	*sheet
	name   string
	stream *excelize.StreamWriter
	last   int       // row, from 1
	open   []stretch // rows in which a person fills something in
}

// add writes one row.
func (s *sheet) add(l *line) error {
	if len(s.pages) == 0 || s.pages[len(s.pages)-1].last >= s.book.maxRows {
		if err := s.open(); err != nil {
			return err
		}
	}
	s.row.values = s.row.values[:0]
	for i := range s.columns {
		s.columns[i].put(&s.row, l)
	}
	if s.row.err != nil {
		return fmt.Errorf("sheet %s: %w", s.title, s.row.err)
	}
	s.rows++
	p := s.pages[len(s.pages)-1]
	if l.waits {
		p.opened(p.last + 1)
	}
	return p.write(s.row.values, s.height())
}

func (p *page) write(values []any, height float64) error {
	p.last++
	cell, err := excelize.CoordinatesToCellName(1, p.last)
	if err != nil {
		return fmt.Errorf("sheet %s: %w", p.name, err)
	}
	if err := p.stream.SetRow(cell, values, excelize.RowOpts{Height: height}); err != nil {
		return fmt.Errorf("sheet %s: row %d: %w", p.name, p.last, err)
	}
	return nil
}

// open starts a worksheet. The order is excelize's: the sheet's properties before there is a stream,
// widths, styles and panes before the first row.
func (s *sheet) open() error {
	p := &page{sheet: s, name: s.title}
	if n := len(s.pages); n > 0 {
		p.name = fmt.Sprintf("%s (%d)", s.title, n+1)
	}
	if _, err := s.book.file.NewSheet(p.name); err != nil {
		return fmt.Errorf("sheet %s: %w", p.name, err)
	}
	if err := s.book.layOut(p.name, s.wide()); err != nil {
		return err
	}
	stream, err := s.book.file.NewStreamWriter(p.name)
	if err != nil {
		return fmt.Errorf("sheet %s: %w", p.name, err)
	}
	p.stream = stream
	s.pages = append(s.pages, p)
	header, err := p.format()
	if err != nil {
		return fmt.Errorf("sheet %s: %w", p.name, err)
	}
	return p.write(header, 33)
}

// format sets the columns and the panes, and returns the header row.
func (p *page) format() ([]any, error) {
	header := make([]any, len(p.columns))
	for i, c := range p.columns {
		style, err := p.book.styles.cell(look{kind: c.kind, exponent: p.row.exponent})
		if err != nil {
			return nil, err
		}
		if err := p.stream.SetColWidth(i+1, i+1, widths[c.kind]); err != nil {
			return nil, err
		}
		if err := p.stream.SetColStyle(i+1, i+1, style); err != nil {
			return nil, err
		}
		title, err := p.book.styles.header(c.kind)
		if err != nil {
			return nil, err
		}
		header[i] = excelize.Cell{StyleID: title, Value: c.heading(p.book.about.zone())}
	}
	fixed := p.fixed()
	corner, err := excelize.CoordinatesToCellName(fixed+1, 2)
	if err != nil {
		return nil, err
	}
	return header, p.stream.SetPanes(&excelize.Panes{
		Freeze: true, XSplit: fixed, YSplit: 1, TopLeftCell: corner, ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: corner, ActiveCell: corner, Pane: "bottomRight"}},
	})
}

// fixed is how many columns stay in sight: up to the payin's id, which is what a row is called by.
func (s *sheet) fixed() int {
	return 1 + slices.IndexFunc(s.columns, func(c column) bool { return c.title == colPayment.title })
}

// finish sets filters and repeated rows, now that the last row is known, and ends the streams. Sheets
// must stand in their final order, because these names count on it.
func (s *sheet) finish() error {
	for _, p := range s.pages {
		if s.rows == 0 {
			if err := p.write([]any{s.empty}, 0); err != nil {
				return err
			}
		}
		if err := p.finish(); err != nil {
			return fmt.Errorf("sheet %s: %w", p.name, err)
		}
	}
	return nil
}

func (p *page) finish() error {
	corner, err := excelize.CoordinatesToCellName(len(p.columns), p.last)
	if err != nil {
		return err
	}
	if err := p.book.file.AutoFilter(p.name, "A1:"+corner, nil); err != nil {
		return err
	}
	absolute, err := excelize.CoordinatesToCellName(len(p.columns), p.last, true)
	if err != nil {
		return err
	}
	side, err := excelize.ColumnNumberToName(p.fixed())
	if err != nil {
		return err
	}
	if err := p.book.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$A:$%s,'%s'!$1:$1", p.name, side, p.name), Scope: p.name,
	}); err != nil {
		return err
	}
	// Without an area, a long remark that runs over its cell would add pages of its own.
	if err := p.book.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("'%s'!$A$1:%s", p.name, absolute), Scope: p.name,
	}); err != nil {
		return err
	}
	if p.mark != nil {
		if err := p.mark(p, p.last); err != nil {
			return err
		}
	}
	if p.seal != nil {
		if err := p.seal(p); err != nil {
			return err
		}
	}
	return p.stream.Flush()
}
