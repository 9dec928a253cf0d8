// Package xlsx reads and writes worksheets of .xlsx files row by row. Call Open to read an untrusted workbook. Call
// InflateAhead and ScanRows to read worksheets that this program wrote. Call NewPartWriter to write a worksheet.
package xlsx

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// maxRowBytes is the maximum size of a row. A row is smaller even if every column has the longest text that Excel
// allows, with escapes.
const maxRowBytes = 64 << 20

// RawCell is a cell in the XML of a worksheet. A RawCell is valid until the next row is read.
type RawCell struct {
	Column int // from 0
	Text   []byte
}

// String returns the decoded text of the cell.
func (c RawCell) String() string {
	if !bytes.ContainsAny(c.Text, "&_") {
		return string(c.Text)
	}
	var text string
	if err := xml.Unmarshal(append(append([]byte("<t>"), c.Text...), "</t>"...), &text); err != nil {
		return string(c.Text) // if the XML is invalid, the caller detects different totals
	}
	return Unescape(text)
}

// Inflating reads a part of the file. Another goroutine inflates the part ahead of the reader.
type Inflating struct {
	*bufio.Reader
	pipe  *io.PipeReader
	ended chan struct{}
}

// InflateAhead starts to inflate a part of the file. The caller must close the result.
func InflateAhead(part io.Reader) *Inflating {
	r, w := io.Pipe()
	ahead := &Inflating{Reader: bufio.NewReaderSize(r, 1<<16), pipe: r, ended: make(chan struct{})}
	go func() {
		defer close(ahead.ended)
		_, err := io.Copy(w, part)
		w.CloseWithError(err) // a nil error means the end of the part
	}()
	return ahead
}

// Close stops inflating and returns when the goroutine has ended.
func (i *Inflating) Close() error {
	err := i.pipe.Close()
	<-i.ended
	return err
}

// ScanRows passes each row of a worksheet that this program wrote to the function each. ScanRows accepts only the XML
// of such worksheets, and is therefore fast. Speed matters because the XML of a million payins takes several gigabytes.
// ScanRows returns an error for other XML.
func ScanRows(r io.Reader, each func(cells []RawCell) error) error {
	rows := bufio.NewScanner(r)
	rows.Buffer(make([]byte, 1<<16), maxRowBytes)
	rows.Split(splitRow)
	var cells []RawCell
	for n := 1; rows.Scan(); n++ {
		_, row, found := bytes.Cut(rows.Bytes(), []byte("<row "))
		if !found {
			return fmt.Errorf("row %d has no start tag", n)
		}
		var err error
		if cells, err = splitCells(cells[:0], row); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
		if err := each(cells); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
	}
	return rows.Err()
}

var rowEnd = []byte("</row>")

func splitRow(data []byte, atEOF bool) (int, []byte, error) {
	if end := bytes.Index(data, rowEnd); end >= 0 {
		return end + len(rowEnd), data[:end], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

// splitCells splits a row into its cells.
func splitCells(cells []RawCell, row []byte) ([]RawCell, error) {
	for {
		begin := bytes.Index(row, []byte(`<c r="`))
		if begin < 0 {
			return cells, nil
		}
		row = row[begin+len(`<c r="`):]
		end := bytes.IndexByte(row, '>')
		if end < 1 {
			return nil, fmt.Errorf("a cell has no end tag: %.80q", row)
		}
		cell := RawCell{Column: columnOf(row)}
		if row[end-1] != '/' {
			content, rest, found := bytes.Cut(row[end+1:], []byte("</c>"))
			if !found {
				return nil, fmt.Errorf("a cell has no end tag: %.80q", row)
			}
			if cell.Text = between(content, "<v>", "</v>"); cell.Text == nil {
				if text := between(content, "<t", "</t>"); text != nil {
					_, cell.Text, _ = bytes.Cut(text, []byte(">"))
				}
			}
			row = rest
		}
		cells = append(cells, cell)
	}
}

func between(text []byte, begin, end string) []byte {
	_, after, _ := bytes.Cut(text, []byte(begin))
	inside, _, found := bytes.Cut(after, []byte(end))
	if !found {
		return nil
	}
	return inside
}

// columnOf returns the number of the column in a cell's name. Column A is 0 and column AA is 26.
func columnOf(name []byte) int {
	n := 0
	for _, c := range name {
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// Escaped matches a workbook's escape for a character that XML cannot contain.
var Escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// Unescape decodes the escapes in a text of a workbook.
func Unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return Escaped.ReplaceAllStringFunc(s, func(code string) string {
		c, err := strconv.ParseUint(code[2:6], 16, 16)
		if err != nil {
			return code
		}
		return string(rune(c))
	})
}
