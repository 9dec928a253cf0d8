package workbook

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"strings"
	"testing"

	"hhrecon/reconcile"
)

// packed returns a ZIP file. parts contains the name and the text of each part in turn.
func packed(t *testing.T, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const (
	rootPart  = `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	indexPart = `<workbook xmlns:r="r"><sheets><sheet name="Different amounts" sheetId="1" r:id="b"/></sheets></workbook>`
	relsPart  = `<Relationships><Relationship Id="b" Type="x/worksheet" Target="/xl/s.xml"/>` +
		`<Relationship Id="c" Type="x/sharedStrings" Target="t.xml"/></Relationships>`
	textsPart = `<sst><si><t>Payment ID</t></si><si><r><t>Deci</t></r><r><t>sion</t></r><rPh><t>hint</t></rPh></si>` +
		`<si><t>No_x0074_e</t></si></sst>`
	headPart = `<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="str"><v>Run</v></c>` +
		`<c t="inlineStr"><is><t>Row</t></is></c></row>`
)

func crafted(t *testing.T, texts, rows string) []byte {
	t.Helper()
	return packed(t, "_rels/.rels", rootPart, "xl/workbook.xml", indexPart, "xl/_rels/workbook.xml.rels", relsPart,
		"xl/t.xml", texts, "xl/s.xml", `<worksheet><sheetData>`+rows)
}

// bomb returns a workbook with a part that consists of 1 MB of blanks. The header of this part contains a wrong size.
func bomb(t *testing.T, name string, says uint64) []byte {
	t.Helper()
	var blanks, out bytes.Buffer
	w, err := flate.NewWriter(&blanks, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := crafted(t, textsPart, headPart)
	parts, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&out)
	for _, part := range parts.File {
		if part.Name != name {
			if err := z.Copy(part); err != nil {
				t.Fatal(err)
			}
			continue
		}
		raw, err := z.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Deflate, CompressedSize64: uint64(blanks.Len()), UncompressedSize64: says,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Write(blanks.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// manySheets returns a workbook of 200 KB. It has three sheets with 48 MB each when unpacked.
func manySheets(t *testing.T) []byte {
	t.Helper()
	parts := []string{"_rels/.rels", rootPart}
	index, rels := `<workbook xmlns:r="r"><sheets>`, `<Relationships>`
	sheet := `<worksheet><sheetData>` + headPart + strings.Repeat(" ", 48<<20) + `</sheetData></worksheet>`
	for _, n := range []string{"1", "2", "3"} {
		index += `<sheet name="Different amounts (` + n + `)" sheetId="` + n + `" r:id="b` + n + `"/>`
		rels += `<Relationship Id="b` + n + `" Type="x/worksheet" Target="/xl/s` + n + `.xml"/>`
		named := strings.Replace(strings.ReplaceAll(sheet, `t="s"`, `t="str"`), "<v>0<", "<v>Payment ID<", 1)
		parts = append(parts, "xl/s"+n+".xml", named)
	}
	rels += `<Relationship Id="c" Type="x/sharedStrings" Target="t.xml"/></Relationships>`
	for i := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(parts[i], "<v>1</v>", "<v>Decision</v>"), "<v>2</v>", "<v>Note</v>")
	}
	return packed(t, append(parts, "xl/workbook.xml", index+`</sheets></workbook>`, "xl/_rels/workbook.xml.rels", rels,
		"xl/t.xml", textsPart)...)
}

// TestWideBook checks that a workbook of 60 MB that uses all columns of a spreadsheet is read.
func TestWideBook(t *testing.T) {
	var wide strings.Builder
	cells := strings.Repeat(`<c s="1"><v>1234567</v></c>`, 16384-5)
	for range 4 {
		wide.WriteString(`<row><c t="str"><v>P</v></c><c/><c/><c><v>7</v></c><c><v>1</v></c>` + cells + `</row>`)
		wide.WriteString(strings.Repeat(" ", 15<<20)) // the XML comment has the size of thirty rows with all columns
	}
	const line = `<row><c t="str"><v>P</v></c><c t="str"><v>keep</v></c><c/><c><v>7</v></c><c><v>1</v></c></row>`
	rows, faults := read(t, crafted(t, textsPart, headPart+wide.String()+line+`</sheetData></worksheet>`))
	if len(rows) != 1 || rows[0].Choice != reconcile.ChoiceKeep || len(faults) > 0 {
		t.Errorf("%+v, %+v", rows, faults)
	}
}

// TestCraftedFiles checks files that no spreadsheet program writes. Each file must be refused with an error or read
// correctly.
func TestCraftedFiles(t *testing.T) {
	const line = `<row r="9"><c r="A9" t="inlineStr"><is><t>P</t></is></c><c t="str"><v>keep</v></c>` +
		`<c r="D9"><v>7</v></c><c><v>1</v></c></row>`
	const end = `</sheetData></worksheet>`
	rows, faults := read(t, crafted(t, textsPart, headPart+line+end))
	same(t, "decisions", []DecisionRow{{Line: 9, RunID: 7, Seq: 1, PaymentID: "P", Choice: reconcile.ChoiceKeep}}, rows)
	same(t, "faults", []Fault(nil), faults)

	for name, c := range map[string]struct {
		book []byte
		say  string
	}{
		"nothing": {nil, "this is not an .xlsx workbook"},
		"a text":  {[]byte("Payment ID,Decision\n"), "save it as .xlsx, without a password"},
		"an old .xls": {
			append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 512)...),
			"save it as .xlsx, without a password",
		},
		"another zip":  {packed(t, "a.txt", "a"), "this is not an .xlsx workbook"},
		"too large":    {make([]byte, 64<<20+1), "the workbook has more than 64 MB"},
		"a part twice": {packed(t, "_rels/.rels", rootPart, "_RELS/.rels", rootPart), "twice"},
		"no sheets":    {packed(t, "_rels/.rels", "<Relationships/>"), "this is not an .xlsx workbook"},
		"a broken index": {
			packed(t, "_rels/.rels", rootPart, "xl/workbook.xml", "<workbook><sheets>"), "this is not an .xlsx workbook",
		},
		"a bomb of rows": {bomb(t, "xl/s.xml", 64<<20+1), `part "xl/s.xml" has 64 MB, more than 64: delete the rows`},
		"a bomb of text": {bomb(t, "xl/t.xml", 64<<20+1), `part "xl/t.xml" has 64 MB`},
		"a bomb of elements": {
			crafted(t, textsPart, headPart+strings.Repeat("<a>", 1<<20)), "more than 64 nested elements",
		},
		"a bomb of elements in a cell": {
			crafted(t, textsPart, headPart+`<row><c>`+strings.Repeat("<a>", 1<<20)), "more than 64 nested elements",
		},
		"a bomb of relations": {
			packed(t, "_rels/.rels", strings.Repeat("<a>", 1<<20)), "more than 64 nested elements",
		},
		"a bomb of cells": {
			crafted(t, textsPart, headPart+`<row>`+strings.Repeat(`<c r="A2"><v>1</v></c>`, 1<<17)), "more than 16384 cells",
		},
		"a bomb of columns": {
			crafted(t, textsPart, headPart+`<row>`+strings.Repeat(`<c/>`, 1<<17)), "more than 16384 cells",
		},
		"a bomb of sheets": {manySheets(t), "parts have more than 128 MB"},
		"a hidden bomb":    {bomb(t, "xl/s.xml", 10), "zip: not a valid zip file"},
		"half a sheet":     {crafted(t, textsPart, headPart+line), "unexpected EOF"},
		"a wrong text": {
			crafted(t, textsPart, headPart+`<row><c t="s"><v>3</v></c></row>`+end), `refers to text number "3" of 3`,
		},
		"a wrong cell": {crafted(t, textsPart, headPart+`<row><c r="9A"><v>3</v></c></row>`+end), `cell name "9A"`},
		"a wrong row":  {crafted(t, textsPart, headPart+`<row r="1"/>`+end), `row number "1" after row 1`},
		"a wrong merge": {
			crafted(t, textsPart, headPart+`</sheetData><mergeCell ref="A1"/></worksheet>`), `merged range "A1"`,
		},
		"many merges": {
			crafted(t, textsPart,
				headPart+`</sheetData>`+strings.Repeat(`<mergeCell ref="A1:A2"/>`, 1001)+`</worksheet>`),
			"more than 1000 cells are merged",
		},
	} {
		_, _, err := ReadDecisions(bytes.NewReader(c.book))
		if err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, want %s", name, err, c.say)
		}
	}
}

// FuzzDecisions checks that ReadDecisions returns for any sheet, and that it returns each line at most once.
func FuzzDecisions(f *testing.F) {
	for _, seed := range []string{
		headPart + `<row><c t="str"><v>P</v></c><c t="str"><v>keep</v></c><c><v>n</v></c><c><v>7</v></c><c><v>1</v></c>` +
			`</row></sheetData></worksheet>`,
		headPart + `<row><c r="B9"><f>1</f></c></row></sheetData>` +
			`<mergeCells><mergeCell ref="A1:XFD9"/></mergeCells></worksheet>`,
	} {
		f.Add(textsPart, seed)
	}
	f.Fuzz(func(t *testing.T, texts, sheet string) {
		rows, faults, err := ReadDecisions(bytes.NewReader(crafted(t, texts, sheet)))
		seen := make(map[int]bool)
		for _, r := range rows {
			if seen[r.Line] || r.PaymentID == "" || r.RunID < 1 || r.Seq < 1 || err != nil {
				t.Errorf("%+v, %v", r, err)
			}
			seen[r.Line] = true
		}
		for _, fault := range faults {
			if seen[fault.Line] || fault.Text == "" {
				t.Errorf("%+v", fault)
			}
			seen[fault.Line] = true
		}
	})
}
