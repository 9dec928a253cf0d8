package xlsx

import (
	"strconv"
)

// IsPlain reports whether a text without control characters needs no escapes in XML and has no spaces at its ends.
func IsPlain(s string) bool {
	for i := range len(s) {
		if special[s[i]] || s[i] == '_' && i+1 < len(s) && s[i+1] == 'x' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

var special = [256]bool{'&': true, '<': true, '>': true, '"': true, '\n': true, '\t': true}

// Escape escapes parts of a text that look like an escape of the workbook format, for example _x0041_ for A. Excelize
// writes the result as it is.
func Escape(s string) string {
	for i := len(s) - 7; i >= 0; i-- {
		if s[i] == '_' && Escaped.MatchString(s[i:i+7]) {
			s = s[:i] + "_x005F" + s[i:]
		}
	}
	return s
}

// AppendEscaped appends a text without control characters as XML. It also escapes a text that looks like an escape of
// the workbook format, for example _x0041_ for A.
func AppendEscaped(to []byte, s string) []byte {
	done := 0
	for i := range len(s) {
		var instead string
		switch s[i] {
		case '&':
			instead = "&amp;"
		case '<':
			instead = "&lt;"
		case '>':
			instead = "&gt;"
		case '"':
			instead = "&#34;"
		case '_':
			if len(s) < i+7 || s[i+1] != 'x' || !Escaped.MatchString(s[i:i+7]) {
				continue
			}
			instead = "_x005F_"
		default:
			continue
		}
		to = append(append(to, s[done:i]...), instead...)
		done = i + 1
	}
	return append(to, s[done:]...)
}

// AppendDecimal appends a number in units of 10^-decimals as the shortest decimal. For example, 150050 with 2 decimals
// is 1500.5.
func AppendDecimal(to []byte, units int64, decimals int) []byte {
	if units < 0 {
		to, units = append(to, '-'), -units
	}
	scale := int64(1)
	for range decimals {
		scale *= 10
	}
	to = strconv.AppendInt(to, units/scale, 10)
	rest := units % scale
	if rest == 0 {
		return to
	}
	to = append(to, '.')
	for ; rest > 0; rest %= scale {
		scale /= 10
		to = append(to, '0'+byte(rest/scale))
	}
	return to
}
