package reports

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

// spooled writes a report to a temporary file and copies the complete report to w. Only the user of this
// process can read the file.
func spooled(w io.Writer, write func(io.Writer) error) error {
	return WithSpool(func(spool *os.File) error {
		buffer := bufio.NewWriterSize(spool, 1<<16)
		if err := write(buffer); err != nil {
			return err
		}
		if err := buffer.Flush(); err != nil {
			return fmt.Errorf("spool the report: %w", err)
		}
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("spool the report: %w", err)
		}
		if _, err := io.Copy(w, spool); err != nil {
			return fmt.Errorf("deliver the report: %w", err)
		}
		return nil
	})
}

// WithSpool passes a temporary file to the function use, and removes the file afterwards.
func WithSpool(use func(*os.File) error) error {
	spool, drop, err := NewSpool()
	if err != nil {
		return err
	}
	defer drop()
	return use(spool)
}

// NewSpool creates a temporary file and removes its name, so a killed process leaves no file behind. The function
// drop closes the file.
func NewSpool() (spool *os.File, drop func(), err error) {
	spool, err = os.CreateTemp("", "hhrecon-report-")
	if err != nil {
		return nil, nil, fmt.Errorf("spool the report: %w", err)
	}
	kept := os.Remove(spool.Name()) // some systems cannot remove an open file
	return spool, func() {
		_ = spool.Close()
		if kept != nil {
			_ = os.Remove(spool.Name())
		}
	}, nil
}
