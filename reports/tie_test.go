package reports

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"hhrecon/reconcile"
)

// TestTie: a workbook, a CSV or a JSON whose findings are not what the database added up reaches
// nobody, and the error says where to look.
func TestTie(t *testing.T) {
	for _, c := range []struct {
		name   string
		tamper func(*reconcile.Finding)
		want   string
	}{
		{"an outcome", func(f *reconcile.Finding) {
			if f.Seq == 3 {
				f.Outcome = reconcile.Pending
			}
		}, "confirmed in KGS: payins: 6 in the findings, 7 in the totals"},
		{"a merchant's amount", func(f *reconcile.Finding) {
			if f.Seq == 14 {
				f.Amount++
			}
		}, "declined in KGS: the sum of the merchant's amounts: 130.01 in the findings, 130.00 in the totals"},
		{"a paid amount", func(f *reconcile.Finding) {
			if f.Seq == 22 {
				f.PaidAmount--
			}
		}, "different_amount in KWD: the sum of the paid amounts: 12 345.678 in the findings, 12 345.679 in the totals"},
		{"an initial amount", func(f *reconcile.Finding) { f.InitialAmount *= 2 }, "the sum of the initial amounts"},
		{"an old amount", func(f *reconcile.Finding) { f.OldAmount *= 2 }, "the sum of the old amounts"},
		{"a currency", func(f *reconcile.Finding) {
			if f.Currency == "JPY" {
				f.Currency = "KRW"
			}
		}, "confirmed in KRW: payins: 1 in the findings, 0 in the totals"},
		{"a correction", func(f *reconcile.Finding) {
			if f.Correction == reconcile.CorrectionSuperseded {
				f.Correction = reconcile.CorrectionApplied
			}
		}, "disputed in KGS: applied corrections: 1 in the findings, 0 in the totals"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := everything()
			s.tamper = c.tamper
			refused(t, s, c.want)
		})
	}
}

// refused tells whether no kind of report of the shelf is delivered, and each says why.
func refused(t *testing.T, s *shelf, why string) {
	t.Helper()
	ctx, scope := context.Background(), one(s)
	var out bytes.Buffer
	_, err := WriteWorkbook(ctx, &out, s, scope, bishkek())
	for kind, err := range map[string]error{
		"workbook": err,
		"CSV":      WriteCSV(ctx, &out, s, scope, bishkek()),
		"JSON":     WriteJSON(ctx, &out, s, scope, bishkek()),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "the "+kind+" does not tie: ") || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %s", kind, err, why)
		}
	}
	if out.Len() != 0 {
		t.Errorf("%d bytes were delivered", out.Len())
	}
}

func TestSelectedIsFound(t *testing.T) {
	s := everything()
	s.run.Selected++
	refused(t, s, "run 7 selected 26 payins, its findings are 25")
	s.run.State = reconcile.Interrupted // not all have a finding yet
	if _, err := WriteWorkbook(context.Background(), io.Discard, s, one(s), bishkek()); err != nil {
		t.Error(err)
	}
}

func TestSumsThatDoNotFit(t *testing.T) {
	s := newShelf()
	for n := range 2 {
		s.add(payin(n, math.MaxInt64-1, "KGS"), nil, reconcile.ResultNotFound, "HighHelp does not know this payin.")
	}
	if _, err := WriteWorkbook(context.Background(), io.Discard, s, one(s), bishkek()); !errors.Is(err, errOverflow) {
		t.Errorf("%v, want %v", err, errOverflow)
	}
}

func TestPlus(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		fits bool
	}{
		{1, 2, true}, {math.MaxInt64, 0, true}, {math.MaxInt64, 1, false}, {math.MinInt64, -1, false},
		{math.MinInt64, math.MaxInt64, true}, {-1, 1, true}, {0, math.MinInt64, true},
	} {
		sum := c.a
		if plus(&sum, c.b) != c.fits {
			t.Errorf("%d + %d: fits is not %v", c.a, c.b, c.fits)
		}
	}
}
