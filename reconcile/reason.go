package reconcile

import (
	"fmt"
	"strings"
	"time"
)

// reason says in one sentence, to a person who keeps books, why a finding is what it is.
func reason(f *Finding, a *Answer, r *Rules) string {
	var s string
	switch f.Outcome {
	case Unreachable:
		s = "No usable answer from HighHelp: " + a.Problem
	case NotFound:
		s = "HighHelp does not know this payin"
	case Unverifiable:
		s = doubtReason(f, a)
	case Declined:
		s = "HighHelp declined this payin"
	case Rejected:
		s = "HighHelp ended this payin with an error; it must not be credited"
	case Timeout:
		s = timeoutReason(f, r)
	case DifferentAmount:
		s = differenceReason(f)
	case Disputed:
		s = "HighHelp holds this payin in dispute (" + orNone(f.ProviderSubStatus) + ")"
	case Confirmed:
		s = "Paid as asked: " + f.money(f.PaidAmount)
	case Pending:
		s = "Still under way at HighHelp (" + orNone(f.ProviderSubStatus) + ")"
	case Reversed:
		s = reversedReason(f)
	}
	if f.Outcome != DifferentAmount && f.Outcome != Reversed && f.Causes&causesOfAmount != 0 {
		s += "; " + lowerFirst(differenceReason(f))
	}
	if f.NewSubStatus() {
		s += fmt.Sprintf("; the sub-status %q is new to us", f.ProviderSubStatus)
	}
	return strings.TrimRight(s, ".") + "."
}

func (f *Finding) money(minor int64) string {
	return FormatAmount(minor, f.Currency) + " " + f.Currency
}

func timeoutReason(f *Finding, r *Rules) string {
	switch {
	case f.Causes.Has(CauseNoPayment):
		return "The customer did not pay within the lifetime"
	case f.Causes.Has(CauseConfirmTimeout):
		return "The time to confirm the payment ran out"
	}
	expiry := f.ExpiresAt
	if expiry.IsZero() {
		expiry = f.expiry()
	}
	return fmt.Sprintf("HighHelp never closed this payin (processing: %s), %s after it expired",
		orNone(f.ProviderSubStatus), age(r.Now.Sub(expiry)))
}

// age says how long, as roughly as a person would.
func age(d time.Duration) string {
	minutes := int64(d.Minutes())
	switch {
	case minutes < 120:
		return fmt.Sprintf("%d minutes", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d hours", minutes/60)
	}
	return fmt.Sprintf("%d days", minutes/60/24)
}

// differenceReason names the sums: what came instead of what the merchant's row says, and by which steps.
func differenceReason(f *Finding) string {
	if f.Causes&causesOfAmount == 0 {
		return "HighHelp reports a different amount, though its amounts equal the merchant's " + f.money(f.Amount)
	}
	record, reprice, appeal := f.Steps()
	var steps []string
	if record != 0 {
		steps = append(steps, "HighHelp was asked for "+f.money(f.InitialAmount)+factor100(f.InitialAmount, f.Amount))
	}
	if reprice != 0 {
		steps = append(steps, "the application was changed to "+f.money(f.OldAmount)+" before any appeal"+factor100(f.OldAmount, f.InitialAmount))
	}
	if appeal != 0 {
		steps = append(steps, "an appeal changed "+f.money(f.OldAmount)+" to "+f.money(f.PaidAmount)+factor100(f.PaidAmount, f.OldAmount))
	}
	return fmt.Sprintf("HighHelp has %s where the merchant's row has %s%s: %s",
		f.money(f.PaidAmount), f.money(f.Amount), percent(f.PaidAmount, f.Amount), strings.Join(steps, ", "))
}

func reversedReason(f *Finding) string {
	now := f.ProviderStatus
	if f.ProviderSubStatus != "" {
		now += ": " + f.ProviderSubStatus
	}
	if f.Compared() {
		now += ", " + f.money(f.PaidAmount)
	}
	was := f.Status
	if f.SettledAmount != 0 {
		was += ", settled " + f.money(f.SettledAmount)
	} else {
		was += ", " + f.money(f.Amount)
	}
	return fmt.Sprintf("The merchant's row is final (%s), but HighHelp now says %s; a person must decide", was, now)
}

func doubtReason(f *Finding, a *Answer) string {
	const cannot = "The answer cannot be trusted: "
	theirs := a.Info
	switch f.Doubt {
	case DoubtRefused:
		return "HighHelp gave no answer that can be trusted: " + a.Problem
	case DoubtPaymentID:
		return cannot + fmt.Sprintf("it is about another payment_id, %.100q", theirs.PaymentID)
	case DoubtProjectID:
		return cannot + fmt.Sprintf("it is about another project_id, %.100q", theirs.ProjectID)
	case DoubtStatus:
		return cannot + fmt.Sprintf("it has the status %.100q, which HighHelp's documentation does not", theirs.Status)
	case DoubtSubStatus:
		return cannot + fmt.Sprintf("its sub-status %.100q is no word", theirs.SubStatus)
	case DoubtNoPaymentInfo:
		return cannot + "it has no payment_info"
	case DoubtType:
		return cannot + fmt.Sprintf("its type is %.100q, not \"payin\"", theirs.PaymentInfo.Type)
	case DoubtCurrency:
		return cannot + fmt.Sprintf("its currency is %.100q, the merchant's row has %q", theirs.PaymentInfo.Currency, f.Currency)
	case DoubtUnknownCurrency:
		return fmt.Sprintf("The merchant's row has the currency %q, which ISO 4217 does not", f.Currency)
	case DoubtAmount:
		info := theirs.PaymentInfo
		return cannot + fmt.Sprintf("an amount is missing or out of range (amount %d, old_amount %d, initial_amount %d)",
			info.Amount, info.OldAmount, info.InitialAmount)
	case DoubtOwnAmount:
		return fmt.Sprintf("The merchant's own amount, %d, is out of range", f.Amount)
	}
	return "The answer cannot be trusted"
}

// percent is the change from b to a, with one decimal and without a float: (+40.0 %).
func percent(a, b int64) string {
	if b <= 0 || a == b {
		return ""
	}
	diff, sign := a-b, "+"
	if diff < 0 {
		diff, sign = -diff, "-"
	}
	// Amounts are at most 10^13, so a thousand of them fit an int64 well; half of b rounds.
	tenths := (diff*1000 + b/2) / b
	return fmt.Sprintf(" (%s%d.%d %%)", sign, tenths/10, tenths%10)
}

// factor100 names the commonest slip: major units where minor ones belong, or the reverse.
func factor100(a, b int64) string {
	switch {
	case a == b*100:
		return " (100 times as much: minor and major units were mixed up)"
	case b == a*100:
		return " (a hundredth: minor and major units were mixed up)"
	}
	return ""
}

func orNone(s string) string {
	if s == "" {
		return "no sub-status"
	}
	return s
}

func lowerFirst(s string) string {
	if strings.HasPrefix(s, "HighHelp") {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
