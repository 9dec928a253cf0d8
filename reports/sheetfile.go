package reports

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// sheetFile is a worksheet in the package, while it is written. It is packed as it comes, onto disk, so
// that memory stays flat and the disk holds it packed only.
type sheetFile struct {
	spool  *os.File
	packed *zip.Writer
	out    *bufio.Writer
}

func newSheetFile() (*sheetFile, error) {
	spool, err := os.CreateTemp("", "hhrecon-report-")
	if err != nil {
		return nil, fmt.Errorf("spool the report: %w", err)
	}
	p := &sheetFile{spool: spool, packed: zip.NewWriter(spool)}
	entry, err := p.packed.CreateHeader(&zip.FileHeader{Name: "part", Method: zip.Deflate})
	if err != nil {
		p.close()
		return nil, fmt.Errorf("spool the report: %w", err)
	}
	p.out = bufio.NewWriterSize(entry, 1<<16)
	return p, nil
}

func (p *sheetFile) write(text []byte) error {
	if _, err := p.out.Write(text); err != nil {
		return fmt.Errorf("spool the report: %w", err)
	}
	return nil
}

// seal ends the part and gives it back as packed.
func (p *sheetFile) seal() (*zip.File, error) {
	if err := errors.Join(p.out.Flush(), p.packed.Close()); err != nil {
		return nil, fmt.Errorf("spool the report: %w", err)
	}
	size, err := p.spool.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("spool the report: %w", err)
	}
	packed, err := zip.NewReader(p.spool, size)
	if err != nil {
		return nil, fmt.Errorf("spool the report: %w", err)
	}
	return packed.File[0], nil
}

// close gives the part's disk back; what it held is in the package by now, or void.
func (p *sheetFile) close() { _ = errors.Join(p.spool.Close(), os.Remove(p.spool.Name())) }
