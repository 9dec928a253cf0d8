package reports

// reason is why the finding is what it is, in the report's language.
func (l *line) reason() string {
	if l.told == "" {
		l.told = l.about.Sentence(l.Reason)
	}
	return l.told
}

// money is an amount in the finding's currency, which has a column of its own.
func (l *line) money(minor int64) string { return l.about.amount(minor, l.Currency) }
