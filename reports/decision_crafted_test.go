package reports

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"strings"
	"testing"

	"hhrecon/reconcile"
)

// packed zips parts.
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

// bomb is a workbook with a part that says it has so many bytes, and has 1 MB of blanks.
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

// TestCraftedFiles: what no spreadsheet writes is refused with a sentence, or read for what it says.
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
		"nothing": {nil, "this is no workbook in the format .xlsx"},
		"a text":  {[]byte("Payment ID,Decision\n"), "save it as one, without a password"},
		"an old .xls": {
			append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 512)...),
			"save it as one, without a password",
		},
		"another zip":  {packed(t, "a.txt", "a"), "this is no workbook in the format .xlsx"},
		"too large":    {make([]byte, maxPacked+1), "the workbook has more than 50 MB"},
		"a part twice": {packed(t, "_rels/.rels", rootPart, "_RELS/.rels", rootPart), "twice"},
		"no sheets":    {packed(t, "_rels/.rels", "<Relationships/>"), "this is no workbook"},
		"a broken index": {
			packed(t, "_rels/.rels", rootPart, "xl/workbook.xml", "<workbook><sheets>"), "this is no workbook",
		},
		"a bomb of rows": {bomb(t, "xl/s.xml", maxUnpacked+1), `part "xl/s.xml" has 50 MB, more than 50: delete the lines`},
		"a bomb of text": {bomb(t, "xl/t.xml", maxUnpacked+1), `part "xl/t.xml" has 50 MB`},
		"a hidden bomb":  {bomb(t, "xl/s.xml", 10), "zip: not a valid zip file"},
		"half a sheet":   {crafted(t, textsPart, headPart+line), "unexpected EOF"},
		"a wrong text": {
			crafted(t, textsPart, headPart+`<row><c t="s"><v>3</v></c></row>`+end), `the text number "3", of 3`,
		},
		"a wrong cell": {crafted(t, textsPart, headPart+`<row><c r="9A"><v>3</v></c></row>`+end), `cell "9A"`},
		"a wrong row":  {crafted(t, textsPart, headPart+`<row r="1"/>`+end), `row "1" after row 1`},
		"a wrong merge": {
			crafted(t, textsPart, headPart+`</sheetData><mergeCell ref="A1"/></worksheet>`), `merged cells "A1"`,
		},
		"many merges": {
			crafted(t, textsPart,
				headPart+`</sheetData>`+strings.Repeat(`<mergeCell ref="A1:A2"/>`, maxMerges+1)+`</worksheet>`),
			"more than 1000 cells are merged",
		},
	} {
		_, _, err := ReadDecisions(bytes.NewReader(c.book))
		if err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, want %s", name, err, c.say)
		}
	}
}

// FuzzDecisions: whatever stands in a sheet, reading it ends, and each line comes back once at most.
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
