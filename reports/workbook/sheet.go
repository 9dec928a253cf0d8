package workbook

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"hhrecon/reports"
	"hhrecon/reports/xlsx"
)

// sheet is a table that is written row by row. If a worksheet is full, the table continues in a worksheet "… (2)".
type sheet struct {
	workbook *workbook
	key      string // key of the title in the catalogue
	title    string
	empty    string // text that is shown if the table has no rows
	columns  []reports.Column
	fixed    int                      // number of frozen columns, up to the payin's ID
	mark     func(p *sheetPart) error // adds highlights to cells; may be nil
	seal     func(p *sheetPart) error // called last for each worksheet; may be nil

	pages []*sheetPart
	rows  int64
	row   rowCells
}

// sheetPart is one worksheet of a sheet.
type sheetPart struct {
	*sheet
	name  string
	file  *xlsx.PartWriter
	begun []byte     // buffer for a row's start tag
	last  int        // the last row, from 1
	open  []rowRange // rows in which a person fills in a decision
}

// add writes one row.
func (s *sheet) add(l *reports.Row) error {
	p, err := s.next()
	if err != nil {
		return err
	}
	for i := range s.columns {
		s.columns[i].Put(&s.row, l)
	}
	if l.Undecided {
		p.addOpenRow(p.last + 1)
	}
	return p.write(s.row.height())
}

// addRow writes one row. The function put writes the cells of the row.
func (s *sheet) addRow(put func(r *rowCells)) error {
	p, err := s.next()
	if err != nil {
		return err
	}
	put(&s.row)
	return p.write(s.row.height())
}

// next begins a row in the current worksheet. If the current worksheet is full, it opens a new worksheet first.
func (s *sheet) next() (*sheetPart, error) {
	if len(s.pages) == 0 || s.pages[len(s.pages)-1].last >= s.workbook.maxRows {
		if err := s.open(); err != nil {
			return nil, err
		}
	}
	p := s.pages[len(s.pages)-1]
	s.rows++
	s.row.begin(p.last + 1)
	return p, nil
}

// write ends a row. The height is in points. If the height is 0, the spreadsheet program chooses the height.
func (p *sheetPart) write(height float64) error {
	if p.row.err != nil {
		return fmt.Errorf("sheet %s: row %d: %w", p.name, p.last+1, p.row.err)
	}
	p.last++
	p.begun = append(append(p.begun[:0], `<row r="`...), p.row.number...)
	if height > 0 {
		p.begun = append(p.begun, `" ht="`...)
		p.begun = strconv.AppendFloat(p.begun, height, 'f', -1, 64)
		p.begun = append(p.begun, `" customHeight="1`...)
	}
	p.row.xml = append(p.row.xml, "</row>"...)
	p.file.Write(append(p.begun, `">`...))
	p.file.Write(p.row.xml)
	return nil
}

// open starts a worksheet.
func (s *sheet) open() error {
	p := &sheetPart{sheet: s, name: s.title}
	if n := len(s.pages); n > 0 {
		p.name = fmt.Sprintf("%s (%d)", s.title, n+1)
	}
	if _, err := s.workbook.file.NewSheet(p.name); err != nil {
		return fmt.Errorf("sheet %s: %w", p.name, err)
	}
	var err error
	if s.row.columns == nil {
		if s.row.columns, err = s.cellColumns(); err != nil {
			return fmt.Errorf("sheet %s: %w", p.name, err)
		}
	}
	if err := s.workbook.layOut(p.name, s.wide()); err != nil {
		return err
	}
	spool, drop, err := reports.NewSpool()
	if err != nil {
		return err
	}
	p.file = xlsx.NewPartWriter(spool, drop)
	s.pages = append(s.pages, p)
	p.file.Write(p.head())
	return p.writeHeader()
}

// finish sets filters and print titles after the last row. The sheets must be in their final order, because defined
// names refer to sheets by position.
func (s *sheet) finish() error {
	for _, p := range s.pages {
		if s.rows == 0 {
			if err := p.sayEmpty(); err != nil {
				return err
			}
		}
		if err := p.finish(); err != nil {
			return fmt.Errorf("sheet %s: %w", p.name, err)
		}
	}
	return nil
}

// sayEmpty writes a text that says that the sheet is empty. The text extends over empty cells.
func (p *sheetPart) sayEmpty() error {
	style, err := plainStyle(p.workbook.styles)
	if err != nil {
		return err
	}
	p.row.begin(p.last + 1)
	p.row.string(style, reports.Clean(p.empty))
	if err := p.workbook.layOut(p.name, 1); err != nil { // an empty sheet is printed on one page
		return err
	}
	return p.write(0)
}

func (p *sheetPart) finish() error {
	columns := p.row.columns
	if err := p.workbook.file.AutoFilter(p.name, fmt.Sprintf("A1:%s%d", columns[len(columns)-1].name, p.last),
		nil); err != nil {
		return err
	}
	printed := len(columns)
	titles := fmt.Sprintf("'%s'!$A:$%s,'%s'!$1:$1", p.name, columns[p.fixed-1].name, p.name)
	if p.rows == 0 {
		printed = p.onPage()
		titles = fmt.Sprintf("'%s'!$1:$1", p.name) // print titles with columns would cut off the text
	}
	// The print area does not include notes that a person writes to the right of the table.
	if err := errors.Join(
		p.workbook.define("_xlnm.Print_Titles", p.name, titles),
		p.workbook.define("_xlnm.Print_Area", p.name,
			fmt.Sprintf("'%s'!$A$1:$%s$%d", p.name, columns[printed-1].name, p.last)),
	); err != nil {
		return err
	}
	for _, last := range [...]func(*sheetPart) error{p.mark, p.seal} {
		if last == nil {
			continue
		}
		if err := last(p); err != nil {
			return err
		}
	}
	return nil
}

// define sets a defined name for cells of one worksheet.
func (b *workbook) define(name, sheet, cells string) error {
	return b.file.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: cells, Scope: sheet})
}

// columnName returns the letters of the column with the given title, for example "AB".
func (s *sheet) columnName(title string) string {
	return s.row.columns[slices.IndexFunc(s.columns, func(c reports.Column) bool { return c.Title == title })].name
}

// close removes the sheet's temporary files.
func (s *sheet) close() {
	for _, p := range s.pages {
		p.file.Close()
	}
	s.pages = nil
}

// pageWidth is the width of a landscape A4 page in legible digits.
const pageWidth = 230

// wide returns the sheet's width in printed pages.
func (s *sheet) wide() int {
	all := 0
	for _, c := range s.row.columns {
		all += c.width
	}
	return max(1, (all+pageWidth-1)/pageWidth)
}

// onPage returns the number of the sheet's columns that fit on one printed page.
func (s *sheet) onPage() int {
	all := 0
	for i, c := range s.row.columns {
		if all += c.width; all > pageWidth {
			return i
		}
	}
	return len(s.row.columns)
}

// cellMargin is the free space next to a cell's text, in widths of a digit.
const cellMargin = 2
