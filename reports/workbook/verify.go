package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"hhrecon/reports"
	"hhrecon/reports/totals"
	"hhrecon/reports/xlsx"
)

// TotalsMismatchError means that the totals of a workbook differ from the archive's totals. Such a workbook is never
// delivered.
type TotalsMismatchError struct {
	Path string // path of the kept workbook, for a person to check; "" if it was not kept
	Err  error  // the error that names the figure that differs
}

// Error returns a message that names the total and the kept workbook.
func (e *TotalsMismatchError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v: the workbook is kept as %s and was not delivered", e.Err, e.Path)
}

// Unwrap returns the error that names the total.
func (e *TotalsMismatchError) Unwrap() error { return e.Err }

// mismatchMark is the end of the file name of a workbook with wrong totals.
const mismatchMark = "-DOES-NOT-TIE"

// deliver packs the workbook into a temporary file and reads the file back. If the totals agree, deliver writes the
// workbook to w. Otherwise deliver keeps the workbook and returns an error.
func (b *workbook) deliver(w io.Writer, untied error, changed func(*os.File) error) error {
	return reports.WithSpool(func(spool *os.File) error {
		if err := b.pack(spool); err != nil {
			return err
		}
		if changed != nil {
			if err := changed(spool); err != nil {
				return err
			}
		}
		if untied == nil {
			untied = b.verifyWorkbook(spool)
		}
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("deliver the workbook: %w", err)
		}
		if untied != nil {
			return b.keep(spool, untied)
		}
		return b.writeOut(w, spool)
	})
}

// writeOut writes the workbook, encrypted if there is a password.
func (b *workbook) writeOut(w io.Writer, spool io.Reader) error {
	if b.report.Password != "" {
		open, err := io.ReadAll(spool)
		if err != nil {
			return fmt.Errorf("protect the workbook: %w", err)
		}
		closed, err := excelize.Encrypt(open, &excelize.Options{Password: b.report.Password})
		if err != nil {
			return fmt.Errorf("protect the workbook: %w", err)
		}
		spool = bytes.NewReader(closed)
	}
	if _, err := io.Copy(w, spool); err != nil {
		return fmt.Errorf("deliver the workbook: %w", err)
	}
	return nil
}

// verifyWorkbook reads the packed file and compares the sheet of all payins and the Control sheet with the totals of
// the archive.
func (b *workbook) verifyWorkbook(spool *os.File) error {
	index, sums, err := b.reread(spool)
	if err != nil {
		return fmt.Errorf("the totals of the workbook are unknown: its file cannot be read back: %w", err)
	}
	if err := totals.Compare("workbook's file", sums.List(),
		totals.ByName(b.report.Totals, reports.CurrencyName)); err != nil {
		return err
	}
	return b.verifyControl(index)
}

func (b *workbook) reread(spool *os.File) (*xlsx.Book, totals.Totals, error) {
	size, err := spool.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, nil, err
	}
	packed, err := zip.NewReader(spool, size)
	if err != nil {
		return nil, nil, err
	}
	index, err := xlsx.OpenPackage(packed)
	if err != nil {
		return nil, nil, err
	}
	sums, err := sumSheet(index, b.all.title, b.report)
	return index, sums, err
}

// verifyControl checks that the database's figure equals the sheets' figure in each row of the Control sheet, and that
// no row is missing.
func (b *workbook) verifyControl(index *xlsx.Book) error {
	rows := 0
	for _, s := range index.Sheets {
		if s.Name != b.control.title {
			continue
		}
		if _, err := index.EachRow(s, func(line int, cells []xlsx.Cell) error {
			if line == 1 {
				return nil
			}
			rows++
			if len(cells) != controlResult+1 || cells[controlDatabase].Text != cells[controlSheets].Text ||
				cells[controlResult].Text != b.report.T(ties) {
				return fmt.Errorf("row %d of the sheet %s", line, s.Name)
			}
			return nil
		}); err != nil {
			return fmt.Errorf("the totals of the workbook do not agree: %w", err)
		}
	}
	if want := 1 + len(figures)*len(b.report.Totals); rows != want {
		return fmt.Errorf("the totals of the workbook do not agree: its sheet %s has %d rows, not %d", b.control.title,
			rows, want)
	}
	return nil
}

// keep saves a workbook with wrong totals. The file name ends with mismatchMark.
func (b *workbook) keep(spool *os.File, untied error) error {
	e := &TotalsMismatchError{Err: untied}
	if b.report.KeepIn == "" {
		return e
	}
	name := fileName(b.report)
	extension := filepath.Ext(name)
	path, err := reports.Save(b.report.KeepIn, strings.TrimSuffix(name, extension)+mismatchMark+extension,
		func(w io.Writer) error {
			_, err := io.Copy(w, spool)
			return err
		})
	e.Path = path
	return errors.Join(e, err)
}

func fileName(r *reports.Report) string {
	if r.Run != nil {
		return reports.FileName(*r.Run, r.Options, "xlsx")
	}
	return reports.PeriodFileName(r.Scope, r.Options, "xlsx")
}
