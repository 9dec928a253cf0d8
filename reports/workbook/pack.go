package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"sort"

	"github.com/xuri/excelize/v2"

	"hhrecon/reports"
	"hhrecon/reports/xlsx"
)

// pack writes the package of the workbook. It copies excelize's package, and replaces the empty worksheets with the
// streamed worksheets. The parts are sorted by name, so equal input gives equal bytes.
func (b *workbook) pack(w io.Writer) error {
	sortContentTypes(b.file)
	var frame bytes.Buffer
	if err := b.file.Write(&frame); err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	packed, err := zip.NewReader(bytes.NewReader(frame.Bytes()), int64(frame.Len()))
	if err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	index, err := xlsx.OpenPackage(packed)
	if err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	parts := slices.Clone(packed.File)
	for _, sheet := range index.Sheets {
		at := slices.IndexFunc(parts, func(f *zip.File) bool { return f.Name == sheet.Path })
		text, err := fs.ReadFile(packed, sheet.Path)
		switch p := b.page(sheet.Name); {
		case err != nil:
		case p != nil:
			parts[at], err = p.fill(sheet.Path, text)
		case sheet.Name == b.summary:
			parts[at], err = b.figures(sheet.Path, text)
		}
		if err != nil {
			return fmt.Errorf("sheet %s: %w", sheet.Name, err)
		}
	}
	return writeParts(w, parts)
}

func (b *workbook) page(name string) *sheetPart {
	for _, s := range b.sheets() {
		for _, p := range s.pages {
			if p.name == name {
				return p
			}
		}
	}
	return nil
}

// figures converts the cached values of the Summary's formulas to numbers. excelize stores these values as texts.
// Programs that do not calculate formulas, such as Excel's protected view, would show the texts.
func (b *workbook) figures(path string, summary []byte) (*zip.File, error) {
	spool, drop, err := reports.NewSpool()
	if err != nil {
		return nil, err
	}
	b.front = xlsx.NewPartWriter(spool, drop)
	b.front.Write(bytes.ReplaceAll(summary, []byte(` t="str"><f>`), []byte(`><f>`)))
	return b.front.Seal(path)
}

// fill appends the XML that follows the rows in excelize's empty worksheet.
func (p *sheetPart) fill(path string, empty []byte) (*zip.File, error) {
	end := bytes.Index(empty, []byte("</sheetData>"))
	if end < 0 {
		return nil, fmt.Errorf("excelize's worksheet has no rows to fill: %.200q", empty)
	}
	p.file.Write(empty[end:])
	return p.file.Seal(path)
}

// sortContentTypes sorts the content types, because excelize writes them in random order.
func sortContentTypes(file *excelize.File) {
	if types := file.ContentTypes; types != nil {
		sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	}
}

func writeParts(w io.Writer, parts []*zip.File) error {
	slices.SortFunc(parts, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	for _, part := range parts {
		// Excel reads larger parts only with a ZIP64 header and archive/zip does not write this header.
		if part.UncompressedSize64 > math.MaxUint32 {
			return fmt.Errorf("pack the workbook: %s has %d bytes, which is too large for Excel: report a shorter period, or "+
				"use CSV",
				part.Name, part.UncompressedSize64)
		}
	}
	out := zip.NewWriter(w)
	for _, part := range parts {
		part.Flags &^= 8             // the sizes are known, so the header before the part contains the sizes
		part.ModifiedDate = 1<<5 | 1 //nolint:staticcheck // Copy ignores Modified; 1980-01-01, because month 0 is not valid
		if err := out.Copy(part); err != nil {
			return fmt.Errorf("deliver the workbook: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("deliver the workbook: %w", err)
	}
	return nil
}
