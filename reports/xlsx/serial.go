package xlsx

import "time"

// excelEpoch is day 0 of Excel's calendar. The calendar is correct from 1 March 1900 on.
var excelEpoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// SerialScale is the precision of a serial. A cell keeps 15 digits, and the number of days takes 5 digits.
const (
	SerialDecimals = 10
	SerialScale    = 10_000_000_000
)

// Serial converts a time to Excel's count of days, in units of 10^-10 of a day. It rounds up to the next unit (9
// microseconds), because some programs round down and would show the previous second. Midnight is exact. Serial returns
// false for dates that Excel cannot show.
func Serial(t time.Time) (int64, bool) {
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	seconds := wall.Unix() - excelEpoch.Unix()
	days, rest := seconds/86400, seconds%86400
	if days < 61 || days > 99_999 { // the valid days are 1 March 1900 to a day in 2173
		return 0, false
	}
	parts := days * SerialScale
	if rest > 0 {
		parts += rest*SerialScale/86400 + 1
	}
	return parts, true
}
