package reconcile

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestClassesOf(t *testing.T) {
	mapped := Rules{StatusMap: map[string]string{"decline": "cancelled", "dispute": "disputed", "no_payment": "unpaid"}}
	three := Rules{StatusMap: threeStatuses}
	for _, tt := range []struct {
		name    string
		rules   Rules
		row     State // row of a payin with amount 1000
		after   State
		classes Class
	}{
		{name: "nothing to correct", row: State{Status: "pending"}, after: State{Status: "pending"}},
		{name: "declined", row: State{Status: "pending"}, after: State{Status: "decline"}, classes: Declines},
		{
			name: "declined, in the merchant's word", rules: mapped, row: State{Status: "disputed"},
			after: State{Status: "cancelled"}, classes: Declines,
		},
		{name: "paid as asked", row: State{Status: "pending"}, after: State{"success", "", 1000}},
		{name: "paid another sum", row: State{Status: "pending"}, after: State{"success", "", 1001}, classes: OtherSums},
		{name: "paid late", row: State{"dispute", "no_payment", 0}, after: State{"success", "", 1000}, classes: LateCredits},
		{name: "paid after an error", row: State{Status: "error"}, after: State{"success", "", 1000}, classes: LateCredits},
		{
			name: "paid late, another sum", rules: mapped, row: State{Status: "disputed"},
			after: State{"success", "", 900}, classes: LateCredits | OtherSums,
		},
		{
			name: "in dispute", row: State{Status: "pending"}, after: State{"dispute", "different_amount", 900},
			classes: Downgrades,
		},
		{name: "in error", row: State{Status: "processing"}, after: State{Status: "error"}, classes: Downgrades},
		{name: "from dispute into error", row: State{Status: "dispute"}, after: State{Status: "error"}, classes: Downgrades},
		{name: "another dispute", row: State{"dispute", "no_payment", 0}, after: State{"dispute", "confirm_timeout", 0}},
		{name: "not paid", row: State{Status: "pending"}, after: State{"dispute", "no_payment", 0}},
		{
			name: "not paid, with the merchant's status", rules: mapped, row: State{Status: "pending"},
			after: State{"disputed", "unpaid", 0},
		},
		{
			name: "not paid after all", row: State{"dispute", "different_amount", 900},
			after: State{"dispute", "no_payment", 0}, classes: Downgrades,
		},
		{name: "under way", row: State{Status: "new"}, after: State{"processing", "paid", 0}},
		{name: "three words, paid", rules: three, row: State{Status: "pending"}, after: State{"paid", "", 1000}},
		{
			name: "three words, paid another sum", rules: three, row: State{"pending", "awaiting_confirm", 0},
			after: State{"paid", "", 900}, classes: OtherSums,
		},
		{
			name: "three words, paid late", rules: three, row: State{"pending", "unpaid", 0},
			after: State{"paid", "", 1000}, classes: LateCredits,
		},
		{
			name: "three words, a row older than the status map", rules: three, row: State{Status: "error"},
			after: State{"paid", "", 1000}, classes: LateCredits,
		},
		{
			name: "three words, declined", rules: three, row: State{Status: "pending"},
			after: State{Status: "failed"}, classes: Declines,
		},
		{name: "three words, in error", rules: three, row: State{Status: "new"}, after: State{Status: "pending"}},
		{name: "three words, in dispute", rules: three, row: State{Status: "pending"}, after: State{"pending", "others", 0}},
		{name: "three words, not paid", rules: three, row: State{Status: "pending"}, after: State{"pending", "unpaid", 0}},
		{
			name: "three words, a held success", rules: three, row: State{Status: "pending"},
			after: State{"pending", "different_amount", 900}, classes: Downgrades,
		},
		{
			name: "three words, not paid after all", rules: three, row: State{"pending", "different_amount", 900},
			after: State{"pending", "unpaid", 0}, classes: Downgrades,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Payin{Amount: 1000, Status: tt.row.Status, SubStatus: tt.row.SubStatus, SettledAmount: tt.row.SettledAmount}
			v := Verdict{After: tt.after, Changes: tt.after != tt.row}
			if got := classesOf(&p, &v, &tt.rules); got != tt.classes {
				t.Errorf("got %b, want %b", got, tt.classes)
			}
		})
	}
}

func TestClassNames(t *testing.T) {
	var got Class
	for _, c := range Classes {
		if err := got.UnmarshalText([]byte(c.String())); err != nil || got != c {
			t.Errorf("%s: %d, %v", c, got, err)
		}
	}
	if err := got.UnmarshalText([]byte("refunds")); err == nil || !strings.Contains(err.Error(), "late_credits") {
		t.Errorf("got %v", err)
	}
}

// quiet is a history of days with few corrections.
var quiet = Usual{Counts: []int64{10, 12, 12, 14, 30}, Shares: []float64{.1, .1, .2, .6, .7}, Days: 1}

func usualOf(change func(*Usual)) Usual {
	u := quiet
	change(&u)
	return u
}

var holdTests = []struct {
	name      string
	limits    HoldLimits
	weight    ClassImpact
	corrected int64
	usual     Usual
	why       string // a part of the expected reason; empty means not held
}{
	{name: "an empty run"},
	{name: "few, though all of them", weight: ClassImpact{Added: 9, Count: 9}, corrected: 9},
	{
		name: "ten, and all of them", weight: ClassImpact{Added: 1, Count: 10}, corrected: 10,
		why: `hold.share (class.declines) 10 10 "50"; hold.first_dates "declines"`,
	},
	{name: "many, and exactly half", weight: ClassImpact{Added: 50, Count: 50}, corrected: 100},
	{name: "many, and more than half", weight: ClassImpact{Added: 50, Count: 50}, corrected: 99, why: "hold.share"},
	{
		name: "many of four dates' history", weight: ClassImpact{Added: 500, Count: 500}, corrected: 1000,
		usual: usualOf(func(u *Usual) { u.Counts = u.Counts[:4] }),
	},
	{name: "none is added", weight: ClassImpact{Count: 500}, corrected: 500},
	{
		name: "twice the count", weight: ClassImpact{Added: 20, Count: 20}, corrected: 10000,
		usual: Usual{Counts: make([]int64, 5), Days: 1},
	},
	{
		name: "above twice the count", weight: ClassImpact{Added: 21, Count: 21}, corrected: 10000,
		usual: Usual{Counts: make([]int64, 14), Days: 1},
		why:   `hold.number (class.declines) 21 "20" (hold.limit_count 10)`,
	},
	{name: "1.5 times the largest", weight: ClassImpact{Added: 45, Count: 45}, corrected: 10000, usual: quiet},
	{
		name: "above 1.5 times the largest", weight: ClassImpact{Added: 1, Count: 46}, corrected: 10000,
		usual: quiet, why: `46 "45" (hold.limit_largest 30 1)`,
	},
	{
		name: "above 3 times the usual", weight: ClassImpact{Added: 37, Count: 37}, corrected: 10000,
		usual: usualOf(func(u *Usual) { u.Counts = []int64{10, 12, 12, 14, 14} }),
		why:   `37 "36" (hold.limit_usual "3" "12" 1)`,
	},
	{
		name: "3 times the usual", weight: ClassImpact{Added: 36, Count: 36}, corrected: 10000,
		usual: usualOf(func(u *Usual) { u.Counts = []int64{10, 12, 12, 14, 14} }),
	},
	{
		name: "two days' worth", weight: ClassImpact{Added: 90, Count: 90}, corrected: 10000,
		usual: usualOf(func(u *Usual) { u.Days = 2 }),
	},
	{
		name: "above two days' worth", weight: ClassImpact{Added: 91, Count: 91}, corrected: 10000,
		usual: usualOf(func(u *Usual) { u.Days = 2 }), why: `91 "90"`,
	},
	{
		name: "a share above the usual", weight: ClassImpact{Added: 19, Count: 19}, corrected: 31, usual: quiet,
		why: `hold.usual_share (class.declines) 19 31 "60" "12" 1`,
	},
	{name: "a usual share", weight: ClassImpact{Added: 18, Count: 18}, corrected: 30, usual: quiet},
	{
		name: "a share above the usual of a usual number", weight: ClassImpact{Added: 18, Count: 18}, corrected: 18,
		usual: quiet,
	},
	{
		name: "a share that is usual", weight: ClassImpact{Added: 19, Count: 19}, corrected: 20,
		usual: usualOf(func(u *Usual) { u.Shares = []float64{.8, .9, .9, .9, 1} }),
	},
	{name: "no limit to the sum unless set", weight: ClassImpact{Added: 1, Count: 1, Sum: math.MaxInt64}},
	{
		name: "a sum above the limit", limits: HoldLimits{Count: 10, Sum: 1000},
		weight: ClassImpact{Added: 1, Count: 1, Sum: 1001}, why: "hold.sum (class.declines) 1001 1000",
	},
	{
		name: "a sum at the limit", limits: HoldLimits{Count: 10, Sum: 1000},
		weight: ClassImpact{Added: 1, Count: 1, Sum: 1000},
	},
}

func TestHold(t *testing.T) {
	for _, tt := range holdTests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.limits == (HoldLimits{}) {
				tt.limits = DefaultProject(testProject).Hold
			}
			got := tt.limits.Exceeds(Declines, tt.weight, tt.corrected, tt.usual)
			if got.IsZero() != (tt.why == "") || !strings.Contains(got.String(), tt.why) {
				t.Errorf("got %q, want %q", got, tt.why)
			}
		})
	}
}

// TestHoldClasses checks that each class has its own limits, that new corrections join the existing hold of their
// class, and that a dry run holds nothing.
func TestHoldClasses(t *testing.T) {
	p := DefaultProject(testProject)
	p.HoldClasses = map[Class]HoldLimits{Downgrades: {Count: 1000}}
	weight := ImpactSummary{Corrected: 40, Classes: [4]ClassImpact{
		{Added: 30, Count: 30}, {Added: 1, Count: 1, Hold: 3}, {Count: 90, Hold: 4}, {Added: 999, Count: 999},
	}}
	held := weight
	yes, why := p.hold(&Run{ID: 7}, &held, ProjectUsual{})
	if want := [4]int64{7, 3}; !yes || [4]int64{held.Classes[0].Hold, held.Classes[1].Hold, held.Classes[2].Hold,
		held.Classes[3].Hold} != want {
		t.Errorf("%v: %+v", yes, held)
	}
	want := `hold.share (class.declines) 30 40 "50"; hold.first_dates "declines"; hold.joined (class.other_sums) 1 3`
	if why.String() != want {
		t.Errorf("got %s, want %s", why, want)
	}
	dry := weight
	if yes, why = p.hold(&Run{ID: 7, DryRun: true}, &dry,
		ProjectUsual{}); yes || dry.Begins(7) || !strings.HasPrefix(why.String(), "hold.dry_run (hold.share") {
		t.Errorf("%v %s: %+v", yes, why, dry)
	}
}

func TestFactor(t *testing.T) {
	for _, tt := range []struct {
		weight ImpactSummary
		want   string
	}{
		{ImpactSummary{Differences: 60, Factor: 100}, `hold.factor 60 "100"`},
		{ImpactSummary{Differences: 60, Factor: -1000}, `hold.factor 60 "1/1000"`},
		{ImpactSummary{Differences: 60}, ""},
		{ImpactSummary{Differences: 1, Factor: 10}, ""}, // a single difference is not enough
	} {
		if got := tt.weight.factor().String(); got != tt.want {
			t.Errorf("%+v: %q", tt.weight, got)
		}
	}
}

// rests returns payins without a verdict, together with their later verdicts.
func rests(t *rapid.T, most int) []Finding {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Finding {
		f := Finding{Payin: Payin{Status: "pending", Amount: rapid.Int64Range(1, 2000).Draw(t, "amount")}}
		f.Outcome = rapid.SampledFrom([]Outcome{
			Declined, Declined, Confirmed, Pending, Unreachable, Unverifiable, NotFound, Reversed,
		}).Draw(t, "outcome")
		f.Changes = f.Outcome == Declined || f.Outcome == Confirmed
		if f.Outcome == Declined {
			f.Harmful, f.Classes = true, Declines
		}
		if f.Outcome == Reversed {
			f.Status = "success"
		}
		return f
	}), 0, most).Draw(t, "rest")
}

// TestCannotExceedStays checks that CannotExceed is correct for all possible verdicts about the remaining payins.
// CannotExceed is also correct if payins were counted twice, or if other runs correct payins.
func TestCannotExceedStays(t *testing.T) {
	rules := DefaultProject(testProject).Rules(now)
	share := rapid.OneOf(rapid.SampledFrom([]float64{0, 0.1, 0.25, 1.0 / 3, 0.5, 2.0 / 3, 1}), rapid.Float64Range(0, 1))
	rapid.Check(t, func(t *rapid.T) {
		limits := HoldLimits{
			Count: rapid.Int64Range(0, 20).Draw(t, "count"), Share: share.Draw(t, "share"),
			TimesUsual: rapid.Float64Range(0, 4).Draw(t, "times"),
			Sum:        rapid.SampledFrom([]int64{0, 0, 100, 5000, math.MaxInt64}).Draw(t, "sum"),
		}
		dates := rapid.IntRange(0, UsualDates).Draw(t, "dates")
		usual := Usual{
			Counts: rapid.SliceOfN(rapid.Int64Range(0, 30), dates, dates).Draw(t, "counts"),
			Shares: rapid.SliceOfN(share, dates, dates).Draw(t, "shares"), Days: rapid.Int64Range(1, 3).Draw(t, "days"),
		}
		rest := rests(t, 40)
		added := rapid.Int64Range(0, 60).Draw(t, "added")
		before := rapid.Int64Range(0, 30).Draw(t, "before")
		w := ImpactSummary{Left: int64(len(rest)), Changes: added + rapid.Int64Range(0, 200).Draw(t, "changes")}
		w.Classes[0] = ClassImpact{Added: added, Count: added + before, Sum: rapid.Int64Range(0, 6000).Draw(t, "sum")}
		certain := limits.CannotExceed(Declines, w.Classes[0], &w, usual)
		for i := range rest {
			w.Judged(&rest[i], &rules)
			still := limits.CannotExceed(Declines, w.Classes[0], &w, usual)
			if certain && !still {
				t.Fatalf("no longer certain after %d of %d: %+v", i+1, len(rest), w)
			}
			certain = still
		}
		end := w.Classes[0]
		end.Count -= rapid.Int64Range(0, min(before, end.Added)).Draw(t, "twice")
		corrected := max(end.Count, w.Changes) + rapid.Int64Range(0, 50).Draw(t, "others")
		if why := limits.Exceeds(Declines, end, corrected, usual); certain && !why.IsZero() {
			t.Fatalf("it was certain: %q, %+v", why, w)
		}
	})
}

func TestCannotExceed(t *testing.T) {
	limits := DefaultProject(testProject).Hold
	history := Usual{Counts: []int64{100, 100, 100, 100, 100}, Shares: make([]float64, 5), Days: 1}
	for _, tt := range []struct {
		name    string
		limits  HoldLimits
		weight  ImpactSummary
		class   ClassImpact
		usual   Usual
		certain bool
	}{
		{name: "an empty run", limits: limits, certain: true},
		{name: "a run too small to be held", limits: limits, weight: ImpactSummary{Left: 9}, certain: true},
		{name: "nothing is known yet", limits: limits, weight: ImpactSummary{Left: 10}},
		{
			name: "half of it may still be of the class", limits: limits, weight: ImpactSummary{Changes: 100, Left: 100},
			certain: true,
		},
		{name: "more than half of it may still be", limits: limits, weight: ImpactSummary{Changes: 99, Left: 100}},
		{
			name: "a usual number may still come", limits: limits, weight: ImpactSummary{Changes: 99, Left: 100},
			class: ClassImpact{Count: 50}, usual: history, certain: true,
		},
		{
			name: "more may come", limits: limits, weight: ImpactSummary{Changes: 999, Left: 251},
			class: ClassImpact{Count: 50}, usual: history,
		},
		{name: "a sum may pass the limit", limits: HoldLimits{Count: 100, Sum: 1000}, weight: ImpactSummary{Left: 1}},
		{
			name: "the sum is known", limits: HoldLimits{Count: 100, Sum: 1000}, class: ClassImpact{Added: 1, Sum: 1000},
			certain: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.limits.CannotExceed(Declines, tt.class, &tt.weight, tt.usual); got != tt.certain {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	if m := median([]float64{3, 1, 2}); m != 2 {
		t.Errorf("odd: %v", m)
	}
	if m := median([]int64{4, 1, 2, 3}); m != 2.5 {
		t.Errorf("even: %v", m)
	}
	if m := median(slices.Repeat([]int64{}, 1)); m != 0 {
		t.Errorf("none: %v", m)
	}
}

// TestNoticeOfHold checks that a class has at most one notice in six hours.
func TestNoticeOfHold(t *testing.T) {
	began := func(id int64, at time.Time, classes ...int) Run {
		r := Run{ID: id, State: Held, StartedAt: at}
		for _, i := range classes {
			r.Impact.Classes[i].Hold = id
		}
		return r
	}
	run := began(9, now, 0)
	for _, tt := range []struct {
		name   string
		before []Run
		want   bool
	}{
		{name: "the first", want: true},
		{name: "the run itself", before: []Run{run}, want: true},
		{name: "of that class a while ago", before: []Run{began(8, now.Add(-5*time.Hour), 0, 1)}},
		{name: "of another class", before: []Run{began(8, now.Add(-time.Hour), 1)}, want: true},
		{name: "long ago", before: []Run{began(8, now.Add(-6*time.Hour), 0)}, want: true},
	} {
		if got := run.NoticeOfHold(tt.before); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if joined := (Run{ID: 10, State: Complete, Impact: run.Impact}); joined.NoticeOfHold(nil) {
		t.Error("a run that only joined a hold gives notice")
	}
}
