package reports

import (
	"bufio"
	"bytes"
	"fmt"
)

func (b *book) correctionsSheet() *sheet {
	return b.sheet(correctionsTitle, "There was nothing to correct.", []column{
		colCorrection, colPayment, colCreated, colCurrency, colAmount,
		colStatusBefore, colSubStatusBefore, colSettledBefore, colStatusAfter, colSubStatusAfter, colSettledAfter,
		colOutcome, colUnwritten, colReason,
	})
}

// joinCorrections puts the corrections that could not be written before the others, for they are what a person must look at. They
// are known only when the last finding is, so the others are written without them, and move down where there are some.
func (b *book) joinCorrections() error {
	if b.failed.rows == 0 {
		return nil
	}
	for _, p := range b.corrections.pages {
		if err := b.failed.take(p); err != nil {
			return fmt.Errorf("sheet %s: %w", p.name, err)
		}
	}
	b.corrections.close()
	b.corrections, b.failed = b.failed, b.corrections
	return nil
}

// take appends the rows of another sheet's page, its header apart; both sheets have the same columns.
func (s *sheet) take(from *page) error {
	packed, err := from.file.seal()
	if err != nil {
		return err
	}
	text, err := packed.Open()
	if err != nil {
		return err
	}
	defer func() { _ = text.Close() }()
	rows := bufio.NewScanner(text)
	rows.Buffer(make([]byte, 1<<16), maxRowBytes)
	rows.Split(splitRow)
	for header := true; rows.Scan(); header = false {
		if header {
			continue
		}
		p, err := s.next()
		if err != nil {
			return err
		}
		p.move(rows.Bytes())
	}
	return rows.Err()
}

var rowBegin, cellBegin = []byte(`<row r="`), []byte(`<c r="`)

// move writes a row, which comes without its end, under the number of the row that was begun. A cell's text has no tags.
func (p *page) move(row []byte) {
	r := &p.row
	r.xml = append(append(r.xml[:0], rowBegin...), r.number...)
	row = withoutNumber(bytes.TrimPrefix(row, rowBegin))
	for {
		at := bytes.Index(row, cellBegin)
		if at < 0 {
			break
		}
		for at += len(cellBegin); row[at] > '9'; at++ { // the column's letters
		}
		r.xml = append(append(r.xml, row[:at]...), r.number...)
		row = withoutNumber(row[at:])
	}
	r.xml = append(append(r.xml, row...), rowEnd...)
	p.last++
	p.file.write(r.xml)
}

func withoutNumber(text []byte) []byte { return bytes.TrimLeft(text, "0123456789") }
