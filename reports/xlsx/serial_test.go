package xlsx

import (
	"strconv"
	"testing"
	"time"
)

// TestSerials converts every second of two days and some seconds of two centuries to Excel's count of days and back.
// The result must be the same second both if a program rounds to seconds and if it truncates.
func TestSerials(t *testing.T) {
	check := func(moment time.Time) {
		t.Helper()
		parts, ok := Serial(moment)
		if !ok {
			t.Fatalf("%s has no serial", moment)
		}
		serial, err := strconv.ParseFloat(string(AppendDecimal(nil, parts, SerialDecimals)), 64)
		if err != nil || float64(parts)/SerialScale != serial { // excelize stores this float64 in the Summary
			t.Fatalf("%s is written as %v, %v", moment, serial, err)
		}
		seconds := serial * 86400
		if cut := excelEpoch.Add(time.Duration(seconds) * time.Second); !cut.Equal(moment) {
			t.Fatalf("%s truncated to seconds is %s", moment, cut)
		}
		if rounded := excelEpoch.Add(time.Duration(seconds+0.5) * time.Second); !rounded.Equal(moment) {
			t.Fatalf("%s rounded to seconds is %s", moment, rounded)
		}
	}
	start := time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)
	for second := range 2 * 86400 {
		check(start.Add(time.Duration(second) * time.Second))
	}
	for moment := time.Date(1900, 3, 1, 0, 0, 0, 0,
		time.UTC); moment.Year() < 2150; moment = moment.Add(100_003 * time.Second) {
		check(moment)
	}
	for _, moment := range []time.Time{{}, time.Date(1900, 2, 28, 0, 0, 0, 0, time.UTC),
		time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if serial, ok := Serial(moment); ok {
			t.Errorf("%s has the serial %v", moment, serial)
		}
	}
}
