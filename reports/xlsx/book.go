package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Book reads single sheets of an untrusted workbook, row by row. Book does not use excelize, for three reasons.
// excelize unpacks every sheet, and a run of 100 000 payins has 190 MB of sheets. excelize returns no error at the end
// of a broken sheet. excelize's rows do not distinguish formulas from values.
type Book struct {
	parts   map[string]*zip.File // parts by name in lower case
	Sheets  []Sheet
	strings []string // shared strings; cells contain indexes of these strings
	read    uint64   // total size of the parts opened so far, in bytes
}

// These limits protect memory, because a small file can unpack to a very large file.
const (
	maxPacked   = 64 << 20        // size of the file in bytes
	maxUnpacked = 64 << 20        // unpacked size of a part in bytes
	maxAll      = 2 * maxUnpacked // unpacked size of all parts in bytes
	maxDepth    = 64              // depth of nested elements
	maxMerges   = 1000            // number of merged ranges; reports of hhrecon have none
)

// Sheet is a worksheet with its name and the path of its part.
type Sheet struct {
	Name string `xml:"name,attr"`
	ID   string `xml:"id,attr"`
	Path string `xml:"-"` // path of the part in the package
}

// Cell is a cell of an untrusted workbook.
type Cell struct {
	Column  int // from 1
	Text    string
	Formula bool
}

// Merge is a range of merged cells.
type Merge struct {
	FirstColumn, LastColumn, FirstRow, LastRow int
	Ref                                        string
}

// errNoBook means that a file is not an .xlsx workbook, or that the workbook has a password.
var errNoBook = errors.New("this is not an .xlsx workbook: save it as .xlsx, without a password")

// Open reads a workbook. sheet is the name of the sheet that the caller needs. The error about a file that is too large
// contains this name.
func Open(r io.Reader, sheet string) (*Book, error) {
	packed, err := io.ReadAll(io.LimitReader(r, maxPacked+1))
	if err != nil {
		return nil, err
	}
	if len(packed) > maxPacked {
		return nil, fmt.Errorf("the workbook has more than %d MB: delete all sheets except %q", maxPacked>>20, sheet)
	}
	files, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", errNoBook, err)
	}
	return OpenPackage(files)
}

// OpenPackage opens a workbook from its unpacked package.
func OpenPackage(files *zip.Reader) (*Book, error) {
	b := &Book{parts: make(map[string]*zip.File)}
	for _, f := range files.File {
		name := strings.ToLower(f.Name)
		if _, twice := b.parts[name]; twice {
			return nil, fmt.Errorf("the workbook contains the part %.100q twice: save the workbook again", f.Name)
		}
		b.parts[name] = f
	}
	return b, b.readIndex()
}

// relations lists the relationships of a part to other parts.
type relations struct {
	Items []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// of returns the targets of a part's relations of one kind, by ID.
func (r *relations) of(kind, part string) map[string]string {
	targets := make(map[string]string)
	for _, item := range r.Items {
		if strings.HasSuffix(item.Type, "/"+kind) {
			target := item.Target
			if !strings.HasPrefix(target, "/") {
				target = path.Join(path.Dir(part), target)
			}
			targets[item.ID] = strings.TrimPrefix(target, "/")
		}
	}
	return targets
}

// readIndex finds the sheets and reads the shared strings.
func (b *Book) readIndex() error {
	var roots, related relations
	if err := b.unmarshal("_rels/.rels", &roots); err != nil {
		return fmt.Errorf("%w (%w)", errNoBook, err)
	}
	var index struct {
		Sheets []Sheet `xml:"sheets>sheet"`
	}
	for _, workbook := range roots.of("officeDocument", "") {
		if err := b.unmarshal(workbook, &index); err != nil {
			return fmt.Errorf("%w (%w)", errNoBook, err)
		}
		if err := b.unmarshal(path.Join(path.Dir(workbook), "_rels", path.Base(workbook)+".rels"), &related); err != nil {
			return fmt.Errorf("%w (%w)", errNoBook, err)
		}
		worksheets := related.of("worksheet", workbook)
		for _, s := range index.Sheets {
			s.Path = worksheets[s.ID]
			b.Sheets = append(b.Sheets, s)
		}
		for _, shared := range related.of("sharedStrings", workbook) {
			if err := b.readStrings(shared); err != nil {
				return err
			}
		}
	}
	if len(b.Sheets) == 0 {
		return errNoBook
	}
	return nil
}

// Names lists the names of the first ten sheets for an error.
func (b *Book) Names() string {
	const most = 10
	var names []string
	for i, s := range b.Sheets {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%.40q", s.Name))
	}
	return strings.Join(names, ", ")
}

// Part returns the part with a name.
func (b *Book) Part(name string) (*zip.File, error) {
	f, ok := b.parts[strings.ToLower(name)]
	if !ok {
		return nil, fmt.Errorf("the workbook lacks the part %.100q: save the workbook again", name)
	}
	return f, nil
}

// open opens a part. It returns an error if the part exceeds a limit.
func (b *Book) open(name string) (io.ReadCloser, error) {
	f, err := b.Part(name)
	if err != nil {
		return nil, err
	}
	if f.UncompressedSize64 > maxUnpacked { // archive/zip returns an error if a part is larger than its header states
		return nil, fmt.Errorf("the workbook's part %.100q has %d MB, more than %d: delete the rows without a decision, "+
			"and the other sheets",
			name, f.UncompressedSize64>>20, maxUnpacked>>20)
	}
	if b.read += f.UncompressedSize64; b.read > maxAll {
		return nil, fmt.Errorf("the workbook's parts have more than %d MB: delete the other sheets", maxAll>>20)
	}
	return f.Open()
}

func (b *Book) unmarshal(name string, into any) error {
	part, err := b.open(name)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }()
	return shallow(part).Decode(into)
}

// tokens rejects deeply nested elements, because a decoder keeps every open element in memory.
type tokens struct {
	*xml.Decoder
	depth int
}

func shallow(r io.Reader) *xml.Decoder {
	return xml.NewTokenDecoder(&tokens{Decoder: xml.NewDecoder(r)})
}

// Token implements xml.TokenReader.
func (t *tokens) Token() (xml.Token, error) {
	token, err := t.RawToken()
	switch token.(type) {
	case xml.StartElement:
		t.depth++
	case xml.EndElement:
		t.depth--
	}
	if t.depth > maxDepth {
		return nil, fmt.Errorf("the workbook has more than %d nested elements: save the workbook again", maxDepth)
	}
	return token, err
}

// elements passes the start of every element of a part to the function each.
func (b *Book) elements(name string, each func(d *xml.Decoder, start *xml.StartElement) error) error {
	part, err := b.open(name)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }()
	d := shallow(part)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			if start, ok := token.(xml.StartElement); ok {
				err = each(d, &start)
			}
		}
		if err != nil {
			return err
		}
	}
}

// richText is a text in one element or in several formatted runs. It omits phonetic hints.
type richText struct {
	Whole []string `xml:"t"`
	Runs  []string `xml:"r>t"`
}

func (t *richText) String() string {
	return Unescape(strings.Join(t.Whole, "") + strings.Join(t.Runs, ""))
}

func (b *Book) readStrings(name string) error {
	err := b.elements(name, func(d *xml.Decoder, start *xml.StartElement) error {
		if start.Name.Local != "si" {
			return nil
		}
		var text richText
		if err := d.DecodeElement(&text, start); err != nil {
			return err
		}
		b.strings = append(b.strings, text.String())
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the workbook's shared strings: %w", err)
	}
	return nil
}

// EachRow passes every row that has a cell with content to the function each. The cells are valid until the next call.
// EachRow returns the merged ranges of the sheet.
func (b *Book) EachRow(sheet Sheet, each func(line int, cells []Cell) error) ([]Merge, error) {
	var merges []Merge
	var cells []Cell
	line := 0
	flush := func() error {
		if len(cells) == 0 {
			return nil
		}
		defer func() { cells = cells[:0] }()
		return each(line, cells)
	}
	column := 0
	err := b.elements(sheet.Path, func(d *xml.Decoder, start *xml.StartElement) error {
		switch start.Name.Local {
		case "row":
			if err := flush(); err != nil {
				return err
			}
			next, err := rowNumber(start, line)
			line, column = next, 0
			return err
		case "c":
			cell, err := b.cell(d, start, column)
			column = cell.Column
			if cell.Text != "" || cell.Formula {
				cells = append(cells, cell)
			}
			if err == nil && max(column, len(cells)) > excelize.MaxColumns {
				err = fmt.Errorf("row %d has more than %d cells: save the workbook again", line, excelize.MaxColumns)
			}
			return err
		case "mergeCell":
			m, err := mergeOf(start)
			if merges = append(merges, m); len(merges) > maxMerges {
				return fmt.Errorf("more than %d cells are merged: split them", maxMerges)
			}
			return err
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	return merges, err
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// rowNumber returns the number of a row. Row numbers must increase.
func rowNumber(e *xml.StartElement, before int) (int, error) {
	r := attribute(e, "r")
	if r == "" {
		return before + 1, nil
	}
	n, err := strconv.Atoi(r)
	if err != nil || n <= before || n > excelize.TotalRows {
		return 0, fmt.Errorf("the row number %.20q after row %d is invalid: save the workbook again", r, before)
	}
	return n, nil
}

func (b *Book) cell(d *xml.Decoder, start *xml.StartElement, before int) (Cell, error) {
	var raw struct {
		Ref     string    `xml:"r,attr"`
		Kind    string    `xml:"t,attr"`
		Value   string    `xml:"v"`
		Formula *struct{} `xml:"f"`
		Inline  richText  `xml:"is"`
	}
	if err := d.DecodeElement(&raw, start); err != nil {
		return Cell{}, err
	}
	c := Cell{Column: before + 1, Text: raw.Value, Formula: raw.Formula != nil}
	if raw.Ref != "" {
		column, _, err := excelize.CellNameToCoordinates(raw.Ref)
		if err != nil {
			return Cell{}, fmt.Errorf("the cell name %.20q is invalid: save the workbook again", raw.Ref)
		}
		c.Column = column
	}
	switch raw.Kind {
	case "s":
		n, err := strconv.Atoi(raw.Value)
		if err != nil || n < 0 || n >= len(b.strings) {
			return Cell{}, fmt.Errorf("cell %.20q refers to text number %.20q of %d: save the workbook again",
				raw.Ref, raw.Value, len(b.strings))
		}
		c.Text = b.strings[n]
	case "inlineStr":
		c.Text = raw.Inline.String()
	case "str":
		c.Text = Unescape(raw.Value)
	case "b":
		c.Text = strconv.FormatBool(raw.Value == "1")
	}
	return c, nil
}

func mergeOf(start *xml.StartElement) (Merge, error) {
	ref := attribute(start, "ref")
	from, to, _ := strings.Cut(ref, ":")
	m := Merge{Ref: ref}
	var err, end error
	m.FirstColumn, m.FirstRow, err = excelize.CellNameToCoordinates(from)
	m.LastColumn, m.LastRow, end = excelize.CellNameToCoordinates(to)
	if err != nil || end != nil {
		return m, fmt.Errorf("the merged range %.40q is invalid: save the workbook again", ref)
	}
	return m, nil
}
