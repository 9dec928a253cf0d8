// Package xlsx reads worksheets of an .xlsx row by row: call Open for a workbook that came from outside, InflateAhead
// and ScanRows for speed. It knows no payin.
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

// maxRowBytes bounds a row: Excel's longest texts in every column, escaped.
const maxRowBytes = 64 << 20

// RawCell is a cell of a worksheet's XML; it is valid until the next row.
type RawCell struct {
	Column int // from 0
	Text   []byte
}

// String decodes the cell's text.
func (c RawCell) String() string {
	if !bytes.ContainsAny(c.Text, "&_") {
		return string(c.Text)
	}
	var text string
	if err := xml.Unmarshal(append(append([]byte("<t>"), c.Text...), "</t>"...), &text); err != nil {
		return string(c.Text) // it is no XML, so it will tie with nothing
	}
	return Unescape(text)
}

// Inflating is a part of the file that is inflated in another goroutine, a piece ahead of its reader.
type Inflating struct {
	*bufio.Reader
	pipe  *io.PipeReader
	ended chan struct{}
}

// InflateAhead begins to inflate a part.
func InflateAhead(part io.Reader) *Inflating {
	r, w := io.Pipe()
	ahead := &Inflating{Reader: bufio.NewReaderSize(r, 1<<16), pipe: r, ended: make(chan struct{})}
	go func() {
		defer close(ahead.ended)
		_, err := io.Copy(w, part)
		w.CloseWithError(err) // nil is the part's end
	}()
	return ahead
}

// Close returns once the part is no longer read.
func (i *Inflating) Close() error {
	err := i.pipe.Close()
	<-i.ended
	return err
}

// ScanRows reads the rows of a worksheet of ours. It knows of XML only what a worksheet of ours has of it,
// because a night of a million payins is some gigabytes; what it does not understand is an error.
func ScanRows(r io.Reader, each func(cells []RawCell) error) error {
	rows := bufio.NewScanner(r)
	rows.Buffer(make([]byte, 1<<16), maxRowBytes)
	rows.Split(splitRow)
	var cells []RawCell
	for n := 1; rows.Scan(); n++ {
		_, row, found := bytes.Cut(rows.Bytes(), []byte("<row "))
		if !found {
			return fmt.Errorf("row %d has no beginning", n)
		}
		var err error
		if cells, err = takeApart(cells[:0], row); err != nil {
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

// takeApart takes a row apart.
func takeApart(cells []RawCell, row []byte) ([]RawCell, error) {
	for {
		begin := bytes.Index(row, []byte(`<c r="`))
		if begin < 0 {
			return cells, nil
		}
		row = row[begin+len(`<c r="`):]
		end := bytes.IndexByte(row, '>')
		if end < 1 {
			return nil, fmt.Errorf("a cell has no end: %.80q", row)
		}
		cell := RawCell{Column: columnOf(row)}
		if row[end-1] != '/' {
			content, rest, found := bytes.Cut(row[end+1:], []byte("</c>"))
			if !found {
				return nil, fmt.Errorf("a cell has no end: %.80q", row)
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

// columnOf counts the letters of a cell's name as digits: A is 0, AA is 26.
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

// Escaped is how a workbook writes characters that XML cannot.
var Escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// Unescape decodes a text of a workbook.
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
