package workbook

import (
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

var rowBreak = regexp.MustCompile(`<brk [^>]*?\bid="(\d+)"`)

// TestTotalsOnOnePage checks that no printed page ends between a currency's outcomes and its total.
func TestTotalsOnOnePage(t *testing.T) {
	s := everything()
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	part, _ := f.Pkg.Load("xl/worksheets/sheet1.xml")
	xml, _ := part.([]byte)
	breaks := map[int]bool{}
	for _, m := range rowBreak.FindAllSubmatch(xml, -1) {
		after, err := strconv.Atoi(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		breaks[after] = true
	}
	rows, err := f.GetRows(english(summaryTitle))
	if err != nil {
		t.Fatal(err)
	}
	page, sums := 0, 0
	for i, row := range rows {
		page++
		if len(row) > 1 && row[0] == "all" && row[1] != "" {
			sums++
			if page > rowsOnPage {
				t.Errorf("row %d, the total of %s, is row %d of its page", i+1, row[1], page)
			}
		}
		if !breaks[i+1] {
			continue
		}
		page = 0
		if len(row) > 1 && row[0] != "all" && slices.Contains(reconcile.Outcomes, reconcile.Outcome(row[0])) {
			t.Errorf("a page ends after row %d, %q", i+1, row)
		}
	}
	if sums != 4 {
		t.Errorf("%d totals, want 4: %q", sums, rows)
	}
}
