package reconcile

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"hhrecon/highhelp"
)

// Class is a kind of correction that is costly if wrong. If a run has too many corrections of a class, the run holds
// the class. None of these corrections is written until a person decides. A value can be a set of classes. The database
// stores the values.
type Class int64

// Classes of corrections.
const (
	Declines    Class = 1 << iota // corrections to decline
	OtherSums                     // corrections that set success and a settled amount other than the merchant's
	LateCredits                   // corrections that change dispute or error to success
	// Corrections that change another status to dispute or error. A correction that sets no_payment is included only if it
	// clears a settled amount.
	Downgrades
)

// Classes lists all classes.
var Classes = [...]Class{Declines, OtherSums, LateCredits, Downgrades}

var classReasons = map[Class]Reason{
	Declines:    Because("class.declines"),
	OtherSums:   Because("class.other_sums"),
	LateCredits: Because("class.late_credits"),
	Downgrades:  Because("class.downgrades"),
}

// reason returns the name of the class for people.
func (c Class) reason() Reason { return classReasons[c] }

// String returns the name of the class in settings and commands, and an empty string for a set of classes.
func (c Class) String() string { return strings.TrimPrefix(classReasons[c].Code, "class.") }

// UnmarshalText parses the result of String.
func (c *Class) UnmarshalText(name []byte) error {
	for _, class := range Classes {
		if class.String() == string(name) {
			*c = class
			return nil
		}
	}
	return fmt.Errorf("%q is not a class of corrections: %v", name, Classes)
}

// classesOf returns the classes that a verdict's correction belongs to.
func classesOf(p *Payin, v *Verdict, r *Rules) (c Class) {
	was := func(status string) bool { return r.means(p.Status, status) && !r.isShared(p.Status) }
	becomes := func(status string) bool { return r.means(v.After.Status, status) }
	switch {
	case !v.Changes:
	case becomes(highhelp.StatusDecline):
		return Declines
	case becomes(highhelp.StatusSuccess):
		if v.After.SettledAmount != p.Amount {
			c |= OtherSums
		}
		if was(highhelp.StatusDispute) || was(highhelp.StatusError) || r.hasDispute(p) {
			c |= LateCredits
		}
	case r.isShared(v.After.Status): // only the settled amount affects the money that the row reports
		if v.After.SettledAmount != p.SettledAmount {
			c = Downgrades
		}
	case becomes(highhelp.StatusDispute) && r.means(v.After.SubStatus, highhelp.SubNoPayment):
		if p.SettledAmount > 0 && v.After.SettledAmount == 0 {
			c = Downgrades
		}
	case becomes(highhelp.StatusDispute) && !was(highhelp.StatusDispute),
		becomes(highhelp.StatusError) && !was(highhelp.StatusError):
		c = Downgrades
	}
	return c
}

// sum returns the amount of a correction that counts towards the limit hold_above_sum of one class, in minor units.
func (c Class) sum(f *Finding) int64 {
	switch c {
	case OtherSums:
		return max(f.PaidAmount-f.Amount, f.Amount-f.PaidAmount)
	case LateCredits:
		return f.PaidAmount
	}
	return f.Amount
}

// HoldLimits are the limits above which a run holds a class of corrections.
type HoldLimits struct {
	Count      int64   // a class with fewer payins is never held
	Share      float64 // the class's share of all corrections
	TimesUsual float64 // largest allowed multiple of the usual number per day
	Sum        int64   // in minor units; 0 means no limit
}

// Constants for the history that the hold limits use.
const (
	UsualDates   = 14
	usualMinimum = 5 // with fewer dates, the usual number is unknown

	// RecentHours is the maximum age of a written correction that is counted together with the new corrections. It is less
	// than a day, so corrections of the previous nightly run are not counted.
	RecentHours = 20 * time.Hour
)

// Usual is the history of a class, from the latest dates before today on which a run over all open payins was closed.
type Usual struct {
	Counts []int64   // payins of the class on each date
	Shares []float64 // the class's share of all corrections on each date
	Days   int64     // days since the latest date, at least 1
}

// ClassImpact summarises a run's corrections of one class.
type ClassImpact struct {
	Added int64 `json:"added,omitempty"` // payins of this run
	Count int64 `json:"count,omitempty"` // distinct payins of this run and of runs that wrote within RecentHours
	Sum   int64 `json:"sum,omitempty"`   // sum of these payins, in minor units of the currency with the largest sum
	Hold  int64 `json:"hold,omitempty"`  // the run that started the hold of the class; 0 if the class is not held
}

// ImpactSummary summarises a run's verdicts. A sum that exceeds int64 is the largest int64.
type ImpactSummary struct {
	Answered int64 // payins with an answer, trusted or not
	Open     int64 // payins with an open row and a trusted answer
	Trusted  int64 // payins with a trusted answer
	Changes  int64 // corrections to be written
	Harmful  int64 // corrections that set the status decline, error or dispute

	Classes [len(Classes)]ClassImpact // in the order of Classes
	Day     string                    // local date of the run's start, for the history
	// Corrected counts the payins of all corrections, in the same way as ClassImpact.Count. Corrected is 0 if no
	// limit needs this number.
	Corrected int64

	Differences int64 // payins with a different amount at HighHelp
	Factor      int64 // 10, 100 or 1000 if all differences have this factor, negative for its inverse; otherwise 0

	Left int64 // payins without a verdict
}

// HeldBy returns the ID of the run that started the hold on corrections of this run, or 0.
func (r *Run) HeldBy() int64 {
	for _, c := range r.Impact.Classes {
		if r.Held > 0 && c.Hold != 0 {
			return c.Hold
		}
	}
	if r.State == Held {
		return r.ID
	}
	return 0
}

// holdNoticeEvery is the shortest time between two notices about holds of the same class.
const holdNoticeEvery = 6 * time.Hour

// NoticeOfHold reports whether a notice about the run's hold must be sent. A notice is sent if the run started the hold
// of a class, and no earlier run held the same class within holdNoticeEvery.
func (r *Run) NoticeOfHold(before []Run) bool {
	for i, c := range r.Impact.Classes {
		if c.Hold == r.ID && !slices.ContainsFunc(before, func(b Run) bool {
			return b.ID < r.ID && b.Impact.Classes[i].Hold == b.ID && r.StartedAt.Sub(b.StartedAt) < holdNoticeEvery
		}) {
			return true
		}
	}
	return r.State == Held && !r.Impact.Begins(r.ID)
}

// Class returns the impact summary of one class of corrections.
func (w *ImpactSummary) Class(c Class) *ClassImpact { return &w.Classes[slices.Index(Classes[:], c)] }

// Failed reports whether payins were selected but none has a trusted answer.
func (w *ImpactSummary) Failed(selected int64) bool { return selected > 0 && w.Trusted == 0 }

// Begins reports whether the run started a hold of any class.
func (w *ImpactSummary) Begins(runID int64) bool {
	return slices.ContainsFunc(w.Classes[:], func(c ClassImpact) bool { return c.Hold == runID })
}

// Exceeds returns why a class must be held, or the zero Reason. corrected is the number of all corrections. A run
// without corrections of the class never exceeds a limit.
func (l HoldLimits) Exceeds(class Class, w ClassImpact, corrected int64, u Usual) Reason {
	name := class.reason()
	switch {
	case w.Added == 0:
		return Reason{}
	case l.Sum > 0 && w.Sum > l.Sum:
		return Because("hold.sum", name, w.Sum, l.Sum)
	case w.Count < l.Count:
		return Reason{}
	}
	n, share := float64(w.Count), 1.0
	if corrected > w.Count {
		share = n / float64(corrected)
	}
	if len(u.Counts) < usualMinimum {
		if share > l.Share {
			return Because("hold.share", name, w.Count, corrected,
				percent(l.Share)).With(Because("hold.first_dates", class.String()))
		}
		return Reason{}
	}
	days := float64(u.Days)
	usual, largest := median(u.Counts), float64(slices.Max(u.Counts))
	type bound struct {
		most float64
		why  Reason
	}
	limit := slices.MaxFunc([]bound{
		{2 * float64(l.Count), Because("hold.limit_count", l.Count)},
		{l.TimesUsual * usual * days, Because("hold.limit_usual", decimal(l.TimesUsual), decimal(usual), u.Days)},
		{1.5 * largest * days, Because("hold.limit_largest", int64(largest), u.Days)},
	}, func(a, b bound) int { return cmp.Compare(a.most, b.most) })
	if n > limit.most {
		return Because("hold.number", name, w.Count, decimal(limit.most), limit.why)
	}
	if most := max(l.Share, (1+median(u.Shares))/2); n > 1.5*usual*days && share > most {
		return Because("hold.usual_share", name, w.Count, corrected, percent(most), decimal(usual), u.Days)
	}
	return Reason{}
}

// NeedsShare reports whether the result of Exceeds depends on the number of all corrections.
func (l HoldLimits) NeedsShare(class Class, w ClassImpact, u Usual) bool {
	return l.Exceeds(class, w, math.MaxInt64, u).IsZero() && !l.Exceeds(class, w, 0, u).IsZero()
}

// CannotExceed reports whether the class stays within its limits for all possible answers about the remaining payins.
// All limits are upper limits, so the worst case is that every remaining payin becomes a correction of the class. Each
// such payin adds one to Count and one to the number of all corrections. Count may count a payin twice, and Changes
// omits the corrections of other runs. Both errors only increase the share. A limit on the sum cannot be checked in
// advance, since the amounts of the answers are unknown.
func (l HoldLimits) CannotExceed(class Class, c ClassImpact, w *ImpactSummary, u Usual) bool {
	c.Added, c.Count = c.Added+w.Left, c.Count+w.Left
	return (l.Sum == 0 || w.Left == 0) && l.Exceeds(class, c, w.Changes+w.Left, u).IsZero()
}

// Judged adds a judged payin to the summary. Judged reads only the row and the verdict of the finding.
func (w *ImpactSummary) Judged(f *Finding, r *Rules) {
	w.Left--
	if f.Answered() {
		w.Answered++
	}
	if f.Outcome.Trusted() && f.Outcome != NotFound {
		w.Trusted++
		if !r.isFinal(f.Status) {
			w.Open++
		}
	}
	if f.Changes {
		w.Changes++
	}
	if f.Harmful {
		w.Harmful++
	}
	for _, class := range Classes {
		if f.Classes&class != 0 {
			c := w.Class(class)
			c.Added, c.Count, c.Sum = c.Added+1, c.Count+1, plus(c.Sum, class.sum(f))
		}
	}
}

// ProjectUsual is the history of each class, in the order of Classes.
type ProjectUsual [len(Classes)]Usual

// hold decides which classes the run holds, sets ClassImpact.Hold and returns the reasons. A class that an earlier run
// holds is held again, regardless of the number of corrections. A dry run holds nothing.
func (p *Project) hold(run *Run, w *ImpactSummary, usual ProjectUsual) (held bool, why Reason) {
	for i, class := range Classes {
		c, reason := &w.Classes[i], Reason{}
		switch exceeds := p.HoldLimits(class).Exceeds(class, *c, w.Corrected, usual[i]); {
		case c.Added == 0:
			c.Hold = 0
		case c.Hold != 0:
			reason = Because("hold.joined", class.reason(), c.Added, c.Hold)
		case !exceeds.IsZero():
			c.Hold, reason = run.ID, exceeds
		}
		if run.DryRun && c.Hold != 0 {
			c.Hold, reason = 0, Because("hold.dry_run", reason)
		}
		held, why = held || c.Hold != 0, why.and(reason)
	}
	return held, why
}

// ChooseMode decides whether the run's corrections are written, and sets the held classes in the impact. The note of a
// dry run says what would be held. A resumed run keeps its mode, its held classes and this note.
func (p *Project) ChooseMode(run *Run, w *ImpactSummary, usual ProjectUsual) (mode Correction, note Reason) {
	held, why := p.hold(run, w, usual)
	switch {
	case run.DryRun && run.CorrectionMode != "": // settled verdicts are missing in the totals of the classes
		why = run.Note
		if why.IsZero() {
			why = w.factor()
		}
		return CorrectionDryRun, why
	case run.DryRun:
		return CorrectionDryRun, why.and(w.factor())
	case run.CorrectionMode == CorrectionHeld:
		for i := range w.Classes {
			w.Classes[i].Hold = run.Impact.Classes[i].Hold
		}
		return CorrectionHeld, run.Note
	case run.CorrectionMode == "" && held:
		return CorrectionHeld, why.and(w.factor())
	}
	for i := range w.Classes {
		w.Classes[i].Hold = 0
	}
	return CorrectionApplied, w.factor()
}

// factor returns a reason if all differences have the same factor, since the units may be mixed up. Otherwise it
// returns the zero Reason.
func (w *ImpactSummary) factor() Reason {
	if w.Factor == 0 || w.Differences < 2 {
		return Reason{}
	}
	text := fmt.Sprint(w.Factor)
	if w.Factor < 0 {
		text = fmt.Sprintf("1/%d", -w.Factor)
	}
	return Because("hold.factor", w.Differences, text)
}

// NeedsShare reports whether the limits of any class need ImpactSummary.Corrected.
func (p *Project) NeedsShare(w *ImpactSummary, usual ProjectUsual) bool {
	for i, class := range Classes {
		if p.HoldLimits(class).NeedsShare(class, w.Classes[i], usual[i]) {
			return true
		}
	}
	return false
}

// CannotHold reports whether no class will be held, for all possible answers about the remaining payins.
func (p *Project) CannotHold(w *ImpactSummary, usual ProjectUsual) bool {
	for i, class := range Classes {
		if w.Classes[i].Hold != 0 || !p.HoldLimits(class).CannotExceed(class, w.Classes[i], w, usual[i]) {
			return false
		}
	}
	return true
}

// and joins two reasons. A zero reason is omitted.
func (r Reason) and(other Reason) Reason {
	switch {
	case r.IsZero():
		return other
	case other.IsZero():
		return r
	}
	return r.With(append([]Reason{{Code: other.Code, Args: other.Args}}, other.And...)...)
}

// plus returns the sum, limited to the range of int64. The largest int64 means "too large". Adding a number to the
// largest int64 therefore returns the largest int64.
func plus(a, b int64) int64 {
	switch {
	case a == math.MaxInt64 || b == math.MaxInt64 || a > 0 && b > math.MaxInt64-a:
		return math.MaxInt64
	case a < 0 && b < math.MinInt64-a:
		return math.MinInt64
	}
	return a + b
}

// median returns 0 for an empty slice.
func median[T int64 | float64](of []T) float64 {
	if len(of) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(of))
	half := len(s) / 2
	if len(s)%2 == 1 {
		return float64(s[half])
	}
	return (float64(s[half-1]) + float64(s[half])) / 2
}

func percent(share float64) string  { return decimal(100 * share) }
func decimal(number float64) string { return fmt.Sprint(math.Round(10*number) / 10) }
