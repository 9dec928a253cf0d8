package workbook

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// TestBars checks that each column spans exactly from the amount before it to the amount after it. Columns are above
// zero, below zero or across zero. The formulas must give the same values as barOf.
func TestBars(t *testing.T) {
	for _, c := range []struct {
		from, to int64
		want     bar
	}{
		{100, 130, bar{base: 100, rise: 30}},
		{130, 100, bar{base: 100, fall: 30}},
		{100, 100, bar{base: 100}},
		{0, 40, bar{rise: 40}},
		{40, 0, bar{fall: 40}},
		{-40, -10, bar{base: -10, rise: -30}},
		{-10, -40, bar{base: -10, fall: -30}},
		{-10, 20, bar{rise: 20, below: -10}},
		{20, -10, bar{fall: 20, below: -10}},
		{0, -10, bar{fall: -10}},
		{-10, 0, bar{rise: -10}},
	} {
		got := barOf([]int64{c.from, c.to - c.from, c.to}, 1)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(bar{})); diff != "" {
			t.Errorf("from %d to %d (-want +got):\n%s", c.from, c.to, diff)
		}
		f := excelize.NewFile()
		for row, value := range []int64{c.from, c.to - c.from, c.to} {
			if err := f.SetCellInt("Sheet1", "B"+strconv.Itoa(row+1), value); err != nil {
				t.Fatal(err)
			}
		}
		for column, want := range map[int]int64{fallBase: got.base, fallStanding: 0, fallRise: got.rise, fallFall: got.fall,
			fallBelow: got.below} {
			if err := f.SetCellFormula("Sheet1", "A1", barFormula(column, 2, 2, true)); err != nil {
				t.Fatal(err)
			}
			if text, err := f.CalcCellValue("Sheet1", "A1"); err != nil || text != strconv.FormatInt(want, 10) {
				t.Errorf("from %d to %d: column %d is %q, not %d: %v", c.from, c.to, column, text, want, err)
			}
		}
	}
}

// TestFloor checks that the axis begins at zero unless the steps would be too small to see.
func TestFloor(t *testing.T) {
	for _, c := range []struct {
		amounts []int64
		want    int64
	}{
		{[]int64{100_00, 50_00, 150_00}, 0},
		{[]int64{1000_00, 100_00, 1100_00}, 950},
		{[]int64{-1000_00, 100_00, -900_00}, 0},
		{[]int64{0, 100_00, 100_00}, 0},
	} {
		if got := floorOf(c.amounts, "KGS"); got != c.want {
			t.Errorf("%d: cut off below %d, not %d", c.amounts, got, c.want)
		}
	}
}
