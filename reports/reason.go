package reports

// reason is why the finding is what it is, in the report's language.
func (l *Row) ReasonText() string {
	if l.reasonText == "" {
		l.reasonText = l.Report.Sentence(l.Reason)
	}
	return l.reasonText
}

// money is an amount in the finding's currency, which has a column of its own.
func (l *Row) money(minor int64) string { return l.Report.FormatAmount(minor, l.Currency) }
