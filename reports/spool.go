package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// spooled has a report written to a file of its own first, and hands it on only when it is whole:
// what fails half-way reaches nobody. The file can be read by this user alone.
func spooled(w io.Writer, write func(io.Writer) error) error {
	return withSpool(func(spool *os.File) error {
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

// withSpool lends out a temporary file, and removes it.
func withSpool(use func(*os.File) error) error {
	spool, err := os.CreateTemp("", "hhrecon-report-")
	if err != nil {
		return fmt.Errorf("spool the report: %w", err)
	}
	defer func() { _ = errors.Join(spool.Close(), os.Remove(spool.Name())) }() // what it held is delivered or void
	return use(spool)
}
