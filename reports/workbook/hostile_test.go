package workbook

import (
	"strings"

	"hhrecon/reconcile"
)

// hostileTexts are IDs and currencies that a spreadsheet program could read as a pattern, a comparison, a formula, a
// number or a date, or could show incorrectly. Several texts are equal except for case.
var hostileTexts = [...]string{
	"", " ", "  KGS", "KGS ", "kgs", "Kgs", "KGS.", "KG?", "K*", "*", "?", "~", "~*", "~?", "**", "=", "=1+1", "=KGS",
	">0", "<0", ">=0", "<>", "<>KGS", "<KGS", "+1", "-1", "@SUM(A1)", "'KGS", "\"KGS\"", "\"", "\"\"",
	"&amp;", "<b>KGS</b>", "]]>", "%00", "\\", "KGS\\", "_x004B_GS", "0", "007", "1e5", "1E5", "0x1F",
	"2026-11-01", "1/2", "TRUE", "true", "#N/A", "NaN", "\x00KGS\x07", "KGS\r\nRUB", "KGS\tRUB",
	"سوم", "\u202eSGK", "🇰🇬", "сом", "СОМ", "ＫＧＳ", "KGS\u200b",
	"K\u0301GS", "\xffKGS", strings.Repeat("KGS", 11_000), strings.Repeat("kgs", 11_000),
}

// hostile returns an archive in which every hostile text is a payin's ID and another payin's currency. The amounts are
// different, so a formula that adds up a wrong row gives a wrong sum.
func hostile() *testArchive {
	s := newTestArchive()
	for n, text := range hostileTexts {
		amount := int64(100 + n)
		p := payin(2*n, amount, "KGS")
		p.PaymentID, p.SubStatus = text, text
		s.add(p, theirs(p, "success", text, amount, amount, amount+1), reconcile.ResultAnswered, text)
		p = payin(2*n+1, amount, text)
		f := s.add(p, theirs(p, "success", "", amount, amount, amount), reconcile.ResultAnswered, text)
		f.RequestID = text
		if n%2 == 0 { // an earlier version of hhrecon may have confirmed such a payin
			f.Outcome, f.ProviderStatus = reconcile.Confirmed, "success"
			f.InitialAmount, f.OldAmount, f.PaidAmount = amount, amount, amount
		}
	}
	return s
}
