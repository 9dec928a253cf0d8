package service

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// TestComparison checks which differences between the rows' amounts and HighHelp's initial amounts are errors.
func TestComparison(t *testing.T) {
	for _, test := range []struct {
		name          string
		rows, answers []int64 // amounts; -1 means an unknown payin, -2 no usable answer
		warning, err  string
	}{
		{"no payin", nil, nil, "no amount was compared", ""},
		{"equal", []int64{50000, 70000}, []int64{50000, 70000}, "", ""},
		{"one amount has changed", []int64{50000, 70000, 90000}, []int64{50000, 77000, 90000}, "initial amount for p1", ""},
		{"major units", []int64{500, 700, 900}, []int64{50000, 70000, 90000}, "",
			"are 100 times the amounts that the queries read"},
		{"units of a hundredth", []int64{5000000}, []int64{50000}, "", "are 1/100 times"},
		{"a common odd factor", []int64{100, 200}, []int64{8700, 17400}, "", "are 87 times"},
		{"one payin with a changed amount", []int64{50000}, []int64{60000}, "initial amount for p0", ""},
		{"another column", []int64{1, 2, 3}, []int64{50000, 70000, 90000}, "",
			"other initial amounts for 3 of 3 payins, such as p0"},
		{"unknown ids", []int64{1, 2, 3}, []int64{-1, -1, -1}, "", "HighHelp knows none of 3 payins"},
		{"two unknown ids", []int64{1, 2}, []int64{-1, -1}, "no amount was compared", ""},
		{"no answer", []int64{1, 2, 3}, []int64{-2, -2, -2}, "compared with HighHelp's. HighHelp unreachable", ""},
		{"one answer of three", []int64{500, 700, 900}, []int64{500, -2, -2},
			"answered only 1 of 3 payins: HighHelp unreachable", ""},
		{"no amount in the answer", []int64{1, 2}, []int64{0, 0}, "no amount was compared", ""},
	} {
		c := comparison{project: new(reconcile.Project)}
		for i, amount := range test.rows {
			a := reconcile.Answer{Result: reconcile.ResultAnswered, Info: &highhelp.PayinInfo{Status: "success",
				PaymentInfo: &highhelp.PaymentInfo{InitialAmount: test.answers[i], Currency: "KGS"}}}
			switch test.answers[i] {
			case -1:
				a = reconcile.Answer{Result: reconcile.ResultNotFound}
			case -2:
				a = reconcile.NewAnswer(nil, highhelp.ErrUnreachable, time.Now())
			}
			c.add(&reconcile.Payin{PaymentID: fmt.Sprintf("p%d", i), Amount: amount, Currency: "KGS"}, a)
		}
		warning, err := c.result()
		if !strings.Contains(warning, test.warning) || (warning == "") != (test.warning == "") ||
			!strings.Contains(fmt.Sprint(err), test.err) || (err == nil) != (test.err == "") {
			t.Errorf("%s: %q, %v", test.name, warning, err)
		}
	}
}

// TestWrongMapping checks which differences from HighHelp's times, currencies and statuses are errors.
func TestWrongMapping(t *testing.T) {
	const expires = 1796000600
	created := time.Unix(expires-600, 0)
	type payin struct {
		shift                    time.Duration
		currency, status, theirs string
	}
	right := payin{0, "KGS", "paid", "success"}
	at := func(shift time.Duration) payin { return payin{shift, "KGS", "new", "success"} }
	for _, test := range []struct {
		name   string
		payins []payin
		err    string
	}{
		{"right", []payin{right, {0, "KGS", "failed", "decline"}, {0, "KGS", "new", "success"}}, ""},
		{"zone", []payin{at(6 * time.Hour), at(6*time.Hour + 9*time.Second), right},
			"created_at with a shift of 6h0m0s from HighHelp's times: correct the time zone"},
		{"west", []payin{at(-6 * time.Hour), at(-6 * time.Hour)}, "shift of -6h0m0s"},
		{"one odd time", []payin{at(time.Hour), right, right}, ""},
		{"late rows", []payin{at(5 * time.Minute), at(7 * time.Minute)}, ""},
		{"currency", []payin{{0, "USD", "new", "success"}, {0, "USD", "new", "success"}, right},
			"KGS, but the queries read USD"},
		{"swapped", []payin{{0, "KGS", "failed", "success"}, {0, "KGS", "paid", "decline"}, {0, "KGS", "new", "success"}},
			"the reverse: correct status_map and final_statuses (2 of 2 payins, such as p0)"},
		{"early", []payin{{0, "KGS", "paid", "processing"}, {0, "KGS", "paid", "pending"}, right, right, right},
			""},
		{"mostly early", []payin{{0, "KGS", "paid", "processing"}, {0, "KGS", "paid", "dispute"}, right},
			`"paid" means success here, but most payins with it are open at HighHelp: `},
		{"declined early", []payin{{0, "KGS", "failed", "processing"}, {0, "KGS", "failed", "processing"}}, ""},
		{"two of three reversed", []payin{{0, "KGS", "failed", "success"}, {0, "KGS", "paid", "decline"}, right}, ""},
		{"swapped, one of four reversed", []payin{{0, "KGS", "failed", "success"}, {0, "KGS", "paid", "decline"},
			{0, "KGS", "paid", "decline"}, right}, "the reverse: correct status_map and final_statuses (3 of 4 payins, "},
		{"one reversed", []payin{{0, "KGS", "failed", "success"}, right, right}, ""},
	} {
		c := comparison{project: &reconcile.Project{StatusMap: map[string]string{"success": "paid", "decline": "failed"}}}
		for i, p := range test.payins {
			c.add(&reconcile.Payin{PaymentID: fmt.Sprintf("p%d", i), Amount: 50000, Currency: p.currency, Status: p.status,
				CreatedAt: created.Add(p.shift)},
				reconcile.Answer{Result: reconcile.ResultAnswered, Info: &highhelp.PayinInfo{Status: p.theirs,
					PaymentInfo: &highhelp.PaymentInfo{InitialAmount: 50000, Currency: "KGS", Lifetime: 600,
						ExpirationDate: expires}}})
		}
		warning, err := c.result()
		if warning != "" || !strings.Contains(fmt.Sprint(err), test.err) || (err == nil) != (test.err == "") {
			t.Errorf("%s: %q, %v", test.name, warning, err)
		}
	}
}
