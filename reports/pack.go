package reports

import (
	"archive/zip"
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sort"

	"github.com/xuri/excelize/v2"
)

// pack writes the workbook. excelize would zip into memory, and its streams in a map's order; so it
// zips into a spool, from which the packed parts are handed on as they are, sorted by name: flat
// memory, and equal bytes for equal input.
func (b *book) pack(w io.Writer) error {
	return withSpool(func(spool *os.File) error {
		buffer := bufio.NewWriterSize(spool, 1<<16)
		b.settleOrder()
		b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(buffer) })
		if err := b.file.Write(io.Discard); err != nil {
			return fmt.Errorf("pack the workbook: %w", err)
		}
		if err := buffer.Flush(); err != nil {
			return fmt.Errorf("pack the workbook: %w", err)
		}
		size, err := spool.Seek(0, io.SeekEnd)
		if err != nil {
			return fmt.Errorf("pack the workbook: %w", err)
		}
		packed, err := zip.NewReader(spool, size)
		if err != nil {
			return fmt.Errorf("pack the workbook: %w", err)
		}
		return handOn(w, packed)
	})
}

// settleOrder sorts the types of files, which excelize adds in a map's order with the first chart.
func (b *book) settleOrder() {
	if types := b.file.ContentTypes; types != nil {
		sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	}
}

func handOn(w io.Writer, packed *zip.Reader) error {
	parts := slices.Clone(packed.File)
	slices.SortFunc(parts, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	for _, part := range parts {
		if part.UncompressedSize64 > math.MaxUint32 { // Excel reads such parts only with a header that archive/zip does not write
			return fmt.Errorf("pack the workbook: %s has %d bytes, more than Excel opens: report a shorter period, or use CSV",
				part.Name, part.UncompressedSize64)
		}
	}
	out := zip.NewWriter(w)
	for _, part := range parts {
		if err := out.Copy(part); err != nil {
			return fmt.Errorf("deliver the workbook: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("deliver the workbook: %w", err)
	}
	return nil
}
