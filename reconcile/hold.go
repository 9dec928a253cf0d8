package reconcile

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"hhrecon/highhelp"
)

// Class is a kind of corrections that are costly if they are wrong. A class that is too many is held: none of it is
// written without a person. A value can be a set of classes. The values are stored.
type Class int64

// The classes.
const (
	Declines    Class = 1 << iota // into decline
	OtherSums                     // into success with a settled amount other than M
	LateCredits                   // into success from a row that was dispute or error
	// into dispute or error from another status; but no_payment only if it clears a settled amount
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

// reason is the class as people read it.
func (c Class) reason() Reason { return classReasons[c] }

// String is the class's name in settings and commands; "" of a set.
func (c Class) String() string { return strings.TrimPrefix(classReasons[c].Code, "class.") }

// UnmarshalText reads what String wrote.
func (c *Class) UnmarshalText(name []byte) error {
	for _, class := range Classes {
		if class.String() == string(name) {
			*c = class
			return nil
		}
	}
	return fmt.Errorf("%q is not a class of corrections: %v", name, Classes)
}

// classesOf is the set of classes that a verdict's correction is of.
func classesOf(p *Payin, v *Verdict, r *Rules) (c Class) {
	was := func(status string) bool { return r.means(p.Status, status) }
	becomes := func(status string) bool { return r.means(v.After.Status, status) }
	switch {
	case !v.Changes:
	case becomes(highhelp.StatusDecline):
		return Declines
	case becomes(highhelp.StatusSuccess):
		if v.After.SettledAmount != p.Amount {
			c |= OtherSums
		}
		if was(highhelp.StatusDispute) || was(highhelp.StatusError) {
			c |= LateCredits
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

// sum is what a correction of one class counts for in hold_above_sum.
func (c Class) sum(f *Finding) int64 {
	switch c {
	case OtherSums:
		return max(f.PaidAmount-f.Amount, f.Amount-f.PaidAmount)
	case LateCredits:
		return f.PaidAmount
	}
	return f.Amount
}

// HoldLimits say when a class of corrections is too many to be written without a person.
type HoldLimits struct {
	Count      int64   // fewer payins than this are never too many by number
	Share      float64 // of all corrections
	TimesUsual float64 // of the class's usual number a day
	Sum        int64   // minor units of the class; 0: no limit
}

// The history that the limits rest on.
const (
	UsualDates   = 14
	usualMinimum = 5 // fewer dates tell nothing about what is usual

	// RecentHours is how far back corrections that were written count with those to be written: a day less a night's
	// length, so that the last night's run does not count twice.
	RecentHours = 20 * time.Hour
)

// Usual is what a class came to on the last dates, today aside, on which a whole run closed.
type Usual struct {
	Counts []int64   // payins of the class on each date
	Shares []float64 // of all corrections, as the date's whole run counted them
	Days   int64     // since the last of these dates; at least 1
}

// ClassImpact is what a run's corrections of one class come to.
type ClassImpact struct {
	Added int64 `json:"added,omitempty"` // payins of this run
	Count int64 `json:"count,omitempty"` // distinct payins of this run, and of all runs that wrote in the last RecentHours
	Sum   int64 `json:"sum,omitempty"`   // of those, in minor units of the currency that comes to most
	Hold  int64 `json:"hold,omitempty"`  // the run that began the hold of the class; 0: it is not held
}

// ImpactSummary is what a run's verdicts come to. A sum beyond int64 stands as its largest value.
type ImpactSummary struct {
	Answered int64 // payins with an answer, whatever it says
	Open     int64 // those of them that a correction could change: an open row, and an answer to go by
	Trusted  int64 // payins about which HighHelp gave an answer to go by
	Changes  int64 // corrections to be written
	Harmful  int64 // those into decline, error or dispute

	Classes [len(Classes)]ClassImpact // in the order of Classes
	Day     string                    // the local date of the run's start, on which they count in the history
	// Corrected counts, as ClassImpact.Count does, corrections of every kind; 0 unless it was asked for.
	Corrected int64

	Differences int64 // payins that HighHelp says another amount of
	Factor      int64 // 10, 100 or 1000 if each difference is that factor, negative if its inverse; otherwise 0

	Left int64 // payins without a verdict yet; 0 once all are judged
}

// HeldBy is the run whose hold keeps back some of the run's corrections; 0 if none waits.
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

// holdNoticeEvery is how long after a notice of a hold there is no other of the same class.
const holdNoticeEvery = 6 * time.Hour

// NoticeOfHold tells whether the run began the hold of a class, and none of the project's runs before it did a short
// while ago.
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

// Class is the weight of one class.
func (w *ImpactSummary) Class(c Class) *ClassImpact { return &w.Classes[slices.Index(Classes[:], c)] }

// Failed tells whether the run got nothing to go by about the payins that it selected.
func (w *ImpactSummary) Failed(selected int64) bool { return selected > 0 && w.Trusted == 0 }

// Begins tells whether the run began the hold of a class.
func (w *ImpactSummary) Begins(runID int64) bool {
	return slices.ContainsFunc(w.Classes[:], func(c ClassImpact) bool { return c.Hold == runID })
}

// Exceeds tells why a class is too many, given how many corrections of every kind count with it; the zero Reason: it
// is not. A run that adds nothing to the class is never held by it.
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
	limits := []struct {
		most float64
		why  Reason
	}{
		{2 * float64(l.Count), Because("hold.limit_count", l.Count)},
		{l.TimesUsual * usual * days, Because("hold.limit_usual", decimal(l.TimesUsual), decimal(usual), u.Days)},
		{1.5 * largest * days, Because("hold.limit_largest", int64(largest), u.Days)},
	}
	limit := limits[0]
	for _, other := range limits[1:] {
		if other.most > limit.most {
			limit = other
		}
	}
	if n > limit.most {
		return Because("hold.number", name, w.Count, decimal(limit.most), limit.why)
	}
	if most := max(l.Share, (1+median(u.Shares))/2); n > 1.5*usual*days && share > most {
		return Because("hold.usual_share", name, w.Count, corrected, percent(most), decimal(usual), u.Days)
	}
	return Reason{}
}

// NeedsShare tells whether Exceeds needs to know how many corrections of every kind there are.
func (l HoldLimits) NeedsShare(class Class, w ClassImpact, u Usual) bool {
	return l.Exceeds(class, w, math.MaxInt64, u).IsZero() && !l.Exceeds(class, w, 0, u).IsZero()
}

// CannotExceed tells that the class will not be too many, whatever the payins without a verdict come to: not even if
// all of them are corrections of it. That is the worst, because each limit is only passed upwards: each such payin
// adds one to Count, and one to the corrections of every kind; the share is largest if all of them are of the class.
// Count may count a payin twice that was written before, and Changes leaves out what other runs wrote: both make the
// share larger. What HighHelp will say somebody paid has no bound that a sum could be told by.
func (l HoldLimits) CannotExceed(class Class, c ClassImpact, w *ImpactSummary, u Usual) bool {
	c.Added, c.Count = c.Added+w.Left, c.Count+w.Left
	return (l.Sum == 0 || w.Left == 0) && l.Exceeds(class, c, w.Changes+w.Left, u).IsZero()
}

// Judged moves a payin from those that are left to those that have a verdict. The finding's row and verdict are
// what counts.
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

// ProjectUsual is what is usual for each class, in the order of Classes.
type ProjectUsual [len(Classes)]Usual

// hold decides which classes of a run are held: it notes in the weight by which run's hold, and says why. A class
// that is held already is held whatever its number. A dry run holds nothing.
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

// DecideMode decides what becomes of a run's corrections, and notes in the impact which classes are held. The mode of a
// run that broke off stays as it was; its holds stay too.
func (p *Project) DecideMode(run *Run, w *ImpactSummary, usual ProjectUsual) (mode Correction, note Reason) {
	mode, note = run.CorrectionMode, run.Note
	held, why := p.hold(run, w, usual)
	switch {
	case run.DryRun:
		return CorrectionDryRun, why.and(w.factor())
	case mode == CorrectionHeld:
		for i := range w.Classes {
			w.Classes[i].Hold = run.Impact.Classes[i].Hold
		}
	case mode == "" && held:
		return CorrectionHeld, why.and(w.factor())
	default:
		for i := range w.Classes {
			w.Classes[i].Hold = 0
		}
		return CorrectionApplied, w.factor()
	}
	return mode, note
}

// factor says that all differences of a run are one factor, as if sums were in other units.
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

// NeedsShare tells whether a class's limits need Weight.Corrected.
func (p *Project) NeedsShare(w *ImpactSummary, usual ProjectUsual) bool {
	for i, class := range Classes {
		if p.HoldLimits(class).NeedsShare(class, w.Classes[i], usual[i]) {
			return true
		}
	}
	return false
}

// CannotHold tells that no class will be held, whatever the payins without a verdict come to.
func (p *Project) CannotHold(w *ImpactSummary, usual ProjectUsual) bool {
	for i, class := range Classes {
		if w.Classes[i].Hold != 0 || !p.HoldLimits(class).CannotExceed(class, w.Classes[i], w, usual[i]) {
			return false
		}
	}
	return true
}

// and is both reasons, of which either may be none.
func (r Reason) and(other Reason) Reason {
	switch {
	case r.IsZero():
		return other
	case other.IsZero():
		return r
	}
	return r.With(append([]Reason{{Code: other.Code, Args: other.Args}}, other.And...)...)
}

// plus adds up to the largest or smallest number there is. The largest stands for more than can be said, so what it is
// part of is no less.
func plus(a, b int64) int64 {
	switch {
	case a == math.MaxInt64 || b == math.MaxInt64 || a > 0 && b > math.MaxInt64-a:
		return math.MaxInt64
	case a < 0 && b < math.MinInt64-a:
		return math.MinInt64
	}
	return a + b
}

// median is 0 of none.
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
