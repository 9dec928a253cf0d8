package reports

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hhrecon/reconcile"
)

// reason says in one sentence with the numbers, in the report's language, why a finding is what it is. It
// is made from the finding's data; what only the stored reason has is retold, such as why a call failed.
func (l *line) reason() string {
	if l.told == "" {
		l.told = l.tell()
	}
	return l.told
}

func (l *line) tell() string {
	say := l.about.say
	var clauses []string
	if c := l.clause(); c != "" {
		clauses = append(clauses, c)
	}
	if l.Outcome != reconcile.Reversed {
		clauses = append(clauses, l.amounts()...)
	}
	if l.NewSubStatus() {
		clauses = append(clauses, say("the sub-status %s is new to us", l.ProviderSubStatus))
	}
	if l.Correction == reconcile.CorrectionRefused {
		_, words, _ := strings.Cut(l.Reason, "refused the correction: ")
		clauses = append(clauses, say("the merchant's table refused the correction: %s", orDash(strings.TrimRight(words, "."))))
	}
	if len(clauses) == 0 {
		return l.Reason
	}
	sentence := strings.TrimRight(strings.Join(clauses, "; "), ".") + "." // a clause may end in an abbreviation
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}

// clause is what the outcome says, apart from the amounts. Clauses begin in small letters, since each may
// follow another.
func (l *line) clause() string {
	say, state := l.about.say, cmp.Or(l.ProviderSubStatus, l.ProviderStatus)
	switch l.Outcome {
	case reconcile.Confirmed:
		return say("paid as asked: %s", l.money(l.PaidAmount))
	case reconcile.DifferentAmount:
		if len(l.amounts()) == 0 {
			return say("HighHelp disputes the amount, though all its amounts are ours, %s", l.money(l.Amount))
		}
		return ""
	case reconcile.Timeout:
		return l.lateness()
	case reconcile.Disputed:
		return say("HighHelp holds the payin of %s in dispute (%s)", l.money(l.Amount), state)
	case reconcile.Declined:
		return say("HighHelp declined the payin of %s: no money moved", l.money(l.Amount))
	case reconcile.Rejected:
		return say("HighHelp ended the payin of %s with an error: it must not be credited", l.money(l.Amount))
	case reconcile.Pending:
		return say("still under way at HighHelp (%s)", state)
	case reconcile.Reversed:
		return l.reversal()
	case reconcile.NotFound:
		return say("HighHelp does not know this payin")
	case reconcile.Unreachable:
		if l.Result == reconcile.ResultNotAsked {
			return say("HighHelp was not asked, since it was down")
		}
		return say("no usable answer from HighHelp: %s", l.stored())
	case reconcile.Unverifiable:
		if ourFault(l.Finding) {
			return say("HighHelp's answer cannot be judged: %s", l.stored())
		}
		return say("HighHelp's answer cannot be trusted: %s", l.stored())
	}
	return ""
}

func (l *line) lateness() string {
	say := l.about.say
	switch {
	case l.Causes.Has(reconcile.CauseNoPayment):
		return say("the customer did not pay %s in time", l.money(l.Amount))
	case l.Causes.Has(reconcile.CauseConfirmTimeout):
		return say("the time to confirm the payment of %s ran out", l.money(l.Amount))
	}
	return say("HighHelp never closed the payin of %s (%s), %s after it expired", l.money(l.Amount),
		pair(l.ProviderStatus, l.ProviderSubStatus), l.about.age(l.about.moment(l.Finding).Sub(l.expiry())))
}

// age says how long, as roughly as a person would.
func (r *subject) age(d time.Duration) string {
	minutes := int64(d / time.Minute)
	switch {
	case minutes < 120:
		return r.firm(r.say("%s min", number(minutes)))
	case minutes < 48*60:
		return r.firm(r.say("%s h", number(minutes/60)))
	}
	return r.firm(r.say("%s d", number(minutes/60/24)))
}

func (l *line) reversal() string {
	now := pair(l.ProviderStatus, l.ProviderSubStatus)
	if l.Compared() {
		now += ", " + l.money(l.PaidAmount)
	}
	return l.about.say("our row is final (%s), but HighHelp now says %s: a person must decide",
		l.Status+", "+l.money(settled(l.Finding)), now) + l.slip(l.PaidAmount, settled(l.Finding))
}

// amounts are the steps from what we hold to what was paid, the last one first.
func (l *line) amounts() []string {
	say := l.about.say
	record, reprice, appeal := l.Steps()
	var steps []string
	switch {
	case appeal != 0:
		steps = append(steps, say("customer paid %s instead of %s%s after an appeal",
			l.money(l.PaidAmount), l.money(l.OldAmount), l.percent(l.PaidAmount, l.OldAmount)))
		if reprice != 0 {
			steps = append(steps, say("created for %s", l.money(l.InitialAmount)))
		}
	case reprice != 0:
		steps = append(steps, say("the amount was changed from %s to %s%s without an appeal",
			l.money(l.InitialAmount), l.money(l.OldAmount), l.percent(l.OldAmount, l.InitialAmount)))
	}
	if record != 0 {
		steps = append(steps, say("HighHelp was asked for %s, but our row has %s%s",
			l.money(l.InitialAmount), l.money(l.Amount), l.slip(l.InitialAmount, l.Amount)))
	}
	if n := len(steps); n > 0 && (record == 0 || l.slip(l.InitialAmount, l.Amount) == "") {
		steps[n-1] += l.slip(l.PaidAmount, l.Amount)
	}
	return steps
}

// slip names the commonest mistake: major units where minor ones belong, or the reverse.
func (l *line) slip(theirs, ours int64) string {
	if ours != 0 && (theirs == ours*100 || ours == theirs*100) {
		return l.about.say(" – exactly a factor of 100: minor and major units were mixed up")
	}
	return ""
}

// money is an amount in the finding's currency, which has a column of its own.
func (l *line) money(minor int64) string { return l.about.amount(minor, l.Currency) }

// percent is the change from b to a, which follows an amount: " (+40.0 %)".
func (l *line) percent(a, b int64) string {
	if text, ok := strings.CutPrefix(percent(a, b), " "); ok {
		return " " + l.about.firm(text)
	}
	return ""
}

// percent is the change from b to a in whole numbers: " (+40.0 %)", with a second decimal where one
// would show nothing; "" where there is nothing to show.
func percent(a, b int64) string {
	if b <= 0 || a == b {
		return ""
	}
	diff, sign := a-b, "+"
	if diff < 0 {
		diff, sign = -diff, "-"
	}
	// Amounts are at most 10^13, so ten thousand of them fit an int64; half of b rounds.
	if tenths := (diff*1000 + b/2) / b; tenths > 0 {
		return fmt.Sprintf(" (%s%d.%d %%)", sign, tenths/10, tenths%10)
	}
	if hundredths := (diff*10_000 + b/2) / b; hundredths > 0 {
		return fmt.Sprintf(" (%s0.%02d %%)", sign, hundredths)
	}
	return ""
}
