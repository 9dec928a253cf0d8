package console

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// Column is one column of a Table.
type Column struct {
	Name   string
	Number bool   // the column is right-aligned
	Wrap   bool   // a cell may take several lines
	Drop   int    // columns with the highest Drop are omitted first; 0 means never
	Note   string // printed after the name of an omitted column
}

// Table is a text table. A table is not wider than the terminal. Without a terminal, the environment variable COLUMNS
// sets the maximum width. If the table is too wide, columns with Wrap become narrower first. Then columns are omitted,
// and a line below names them.
type Table struct {
	out     io.Writer
	columns []Column
	rows    [][]string // a nil row is a separator line
}

// NewTable returns an empty table. Call Render to print it.
func NewTable(out io.Writer, columns ...Column) *Table { return &Table{out: out, columns: columns} }

// Add appends a row.
func (t *Table) Add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = fmt.Sprint(cell)
	}
	t.rows = append(t.rows, row)
}

// Separate appends a separator line.
func (t *Table) Separate() { t.rows = append(t.rows, nil) }

// Render prints the table.
func (t *Table) Render() {
	widths, omitted := t.fit(Width(t.out))
	w := table.NewWriter()
	w.SetOutputMirror(t.out)
	w.SetStyle(table.StyleLight)
	w.Style().Format.Header = text.FormatDefault
	w.Style().Options.DrawBorder = false
	w.SuppressTrailingSpaces()
	var header table.Row
	var configs []table.ColumnConfig
	for i, c := range t.columns {
		header = append(header, c.Name)
		config := table.ColumnConfig{Number: i + 1, Hidden: widths[i] == 0, WidthMax: widths[i],
			WidthMaxEnforcer: text.WrapSoft}
		if c.Number {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
	}
	w.AppendHeader(header)
	w.SetColumnConfigs(configs)
	for _, row := range t.rows {
		var cells table.Row
		for _, cell := range row {
			cells = append(cells, Paint(t.out, cell))
		}
		if row == nil {
			w.AppendSeparator()
		} else {
			w.AppendRow(cells)
		}
	}
	if len(omitted) > 0 {
		note := "The terminal is too narrow for the column" + map[bool]string{true: "s"}[len(omitted) > 1] + " "
		w.SetCaption("%s", text.WrapSoft(note+strings.Join(omitted, ", "), Width(t.out)))
	}
	w.Render()
}

// minWrapped is the minimum width of a column with Wrap.
const minWrapped = 20

// natural returns the width that each column needs if the width of the table is not limited. natural returns 0 for an
// empty column that can be omitted.
func (t *Table) natural(limit int) []int {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		for _, row := range t.rows {
			if i < len(row) {
				widths[i] = max(widths[i], text.LongestLineLen(row[i]))
			}
		}
		if widths[i] > 0 || c.Drop == 0 || limit == 0 {
			widths[i] = max(widths[i], text.StringWidth(c.Name))
		}
	}
	return widths
}

// fit returns the width of each column, and the names of the omitted columns that are not empty. An omitted column has
// the width 0.
func (t *Table) fit(limit int) (widths []int, omitted []string) {
	natural := t.natural(limit)
	for drop := len(t.columns); ; drop-- {
		widths = slices.Clone(natural)
		if limit == 0 || t.shrink(widths, limit) || drop == 0 {
			return widths, omitted
		}
		for i, c := range t.columns {
			if c.Drop == drop && natural[i] > 0 {
				natural[i], omitted = 0, append(omitted, c.Name+c.Note)
			}
		}
	}
}

// shrink makes columns with Wrap narrower until the table fits the limit. shrink returns false if the table
// is still too wide.
func (t *Table) shrink(widths []int, limit int) bool {
	for {
		excess, wrap := -1-limit, -1
		for i, c := range t.columns {
			if widths[i] == 0 {
				continue
			}
			excess += widths[i] + 3
			if c.Wrap && widths[i] > minWrapped && (wrap < 0 || widths[i] > widths[wrap]) {
				wrap = i
			}
		}
		if excess <= 0 || wrap < 0 {
			return excess <= 0
		}
		widths[wrap]--
	}
}

// Buffer collects output that is written to Out later. Tables in the buffer use the width of Out.
type Buffer struct {
	bytes.Buffer
	Out io.Writer
}

// terminal returns the terminal that out writes to, or nil.
func terminal(out io.Writer) *os.File {
	if b, ok := out.(*Buffer); ok {
		out = b.Out
	}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return file
	}
	return nil
}

// Width returns the width of the terminal in columns, or 80 if the width is unknown. If out is not a terminal,
// Width returns the value of the environment variable COLUMNS. If this variable is not set, Width returns 0,
// which means no limit.
func Width(out io.Writer) int {
	file := terminal(out)
	if file == nil {
		columns, _ := strconv.Atoi(os.Getenv("COLUMNS")) // 0 if COLUMNS is not a number
		return columns
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

var colours = map[string]text.Color{
	"COMPLETE": text.FgGreen, "PARTIAL": text.FgYellow, "HELD": text.FgYellow, "WARN": text.FgYellow,
	"FAILED": text.FgRed, "FAIL": text.FgRed, "BROKEN": text.FgRed, "ERROR": text.FgRed, "ok": text.FgGreen,
}

// Paint colours a headline or the result of a check if out is a terminal and NO_COLOR is not set.
func Paint(out io.Writer, word string) string {
	colour, known := colours[word]
	if !known || terminal(out) == nil {
		return word
	}
	return colour.Sprint(word)
}

// Counted returns a number with a noun in the singular or plural, such as "1 check" or "2 entries".
func Counted[N int | int64](n N, noun string) string {
	if stem, found := strings.CutSuffix(noun, "ry"); n != 1 && found {
		noun = stem + "ries"
	} else if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
