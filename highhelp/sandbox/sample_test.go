package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp/sandbox"
)

func TestSamplesAreDeterministic(t *testing.T) {
	first := sandbox.Samples(500, 7, project, noon)
	if diff := cmp.Diff(first, sandbox.Samples(500, 7, project, noon)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(first, sandbox.Samples(500, 8, project, noon)) {
		t.Error("another seed gives the same samples")
	}
	if got := sandbox.Samples(0, 7, project, noon); len(got) != 0 {
		t.Errorf("%d samples, want 0", len(got))
	}
	for sample := range sandbox.SamplesSeq(500, 7, project, noon) {
		if !cmp.Equal(sample, first[0]) {
			t.Error("the sequence starts with another sample")
		}
		break
	}
}

func TestEveryScenarioOccurs(t *testing.T) {
	for _, n := range []int{len(sandbox.Scenarios()), len(sandbox.Scenarios()) + 1, 100, 500, 10_000} {
		for seed := range uint64(5) {
			left := map[string]bool{}
			for _, s := range sandbox.Scenarios() {
				left[s.Name] = true
			}
			samples := sandbox.Samples(n, seed, project, noon)
			for _, s := range samples {
				delete(left, s.Scenario)
			}
			if len(samples) != n || len(left) > 0 {
				t.Fatalf("%d of %d samples with seed %d; missing are %v", len(samples), n, seed, left)
			}
		}
	}
}

func TestScenariosAreDescribed(t *testing.T) {
	outcomes := map[string]bool{}
	names := map[string]bool{}
	for _, s := range sandbox.Scenarios() {
		if s.Name == "" || names[s.Name] || !strings.HasSuffix(s.Description, ".") {
			t.Errorf("scenario %+v", s)
		}
		names[s.Name], outcomes[s.Outcome] = true, true
	}
	for _, want := range strings.Fields("unreachable not_found unverifiable declined rejected timeout different_amount " +
		"disputed confirmed pending reversed") {
		if !outcomes[want] {
			t.Errorf("no scenario has the outcome %s", want)
		}
	}
}

// TestShares checks the shares of the outcomes. A run over the samples must not hold a class of corrections because
// of a frequent outcome.
func TestShares(t *testing.T) {
	for _, n := range []int{500, 5_000, 30_000} {
		for seed := range uint64(5) {
			confirmed, harmful, costly := 0, 0, 0
			for s := range sandbox.SamplesSeq(n, seed, project, noon) {
				switch s.Outcome {
				case "confirmed":
					confirmed++
				case "declined", "rejected", "timeout", "different_amount", "disputed": // some of these payins need no correction
					harmful++
				case "unreachable":
					costly++
				}
			}
			if share := float64(confirmed) / float64(n); share < 0.75 || share > 0.85 {
				t.Errorf("%d samples, seed %d: the share of confirmed is %.2f", n, seed, share)
			}
			if harmful >= n/5 || n == 500 && harmful >= 100 {
				t.Errorf("%d samples, seed %d: %d are harmful", n, seed, harmful)
			}
			if costly != 4 {
				t.Errorf("%d samples, seed %d: %d are unreachable", n, seed, costly)
			}
		}
	}
}

// TestSamplesAreConsistent checks that the merchant's row and HighHelp's payin of each sample are consistent.
func TestSamplesAreConsistent(t *testing.T) {
	ids := map[string]bool{}
	for s := range sandbox.SamplesSeq(20_000, 3, project, noon) {
		row, p := s.Merchant, s.Gateway
		wrong := func(text string) { t.Errorf("%s: %s\n%+v\n%+v", s.Scenario, text, row, p) }
		if ids[row.PaymentID] {
			wrong("the ID is not unique")
		}
		ids[row.PaymentID] = true
		if n := utf8.RuneCountInString(row.PaymentID); n == 0 || n > 255 || !utf8.ValidString(row.PaymentID) {
			wrong("the ID is too long, or no text")
		}
		if row.ProjectID != project || row.Currency != "KGS" {
			wrong("project or currency")
		}
		if (row.Amount < 10_000 || row.Amount > 5_000_000) && s.Scenario != "factor_100" {
			wrong("amount")
		}
		if row.Lifetime != nil && (*row.Lifetime < 300 || *row.Lifetime > 600) || row.Lifetime == nil &&
			s.Scenario != "overdue_no_expiration" {
			wrong("lifetime")
		}
		if age := noon.Sub(row.CreatedAt); (age > 48*time.Hour) != (s.Scenario == "left_window") || age <= 15*time.Minute {
			wrong("age")
		}
		if row.UpdatedAt.Before(row.CreatedAt) || row.UpdatedAt.After(noon) {
			wrong("updated_at")
		}
		if row.Final() != slices.Contains([]string{"reversed_amount", "reversed_to_decline", "reversed_to_success",
			"final_success", "final_decline"}, s.Scenario) {
			wrong("final")
		}
		if !row.Final() && !slices.Contains([]string{"new", "pending", "processing", "dispute"}, row.Status) {
			wrong("status")
		}
		if p != nil && (p.ProjectID != project || p.PaymentID != row.PaymentID || !p.CreatedAt.Equal(row.CreatedAt)) {
			wrong("both sides differ")
		}
		if s.Outcome == "pending" && p.ExpirationDate.Add(10*time.Minute).Before(noon) {
			wrong("soon overdue")
		}
		if f := s.Fault; f != nil && (f.PaymentID != row.PaymentID || f.ProjectID != project || f.Times != 0) {
			wrong("fault")
		}
	}
}

// TestSampleOutcomes checks the outcomes of the samples. The test requests each payin over a real connection, and
// judges the answer with a simple second implementation of the rules.
func TestSampleOutcomes(t *testing.T) {
	g := open(t)
	samples := sandbox.Samples(400, 5, project, noon)
	if err := g.Load(samples); err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		if s.Scenario == "left_window" {
			continue
		}
		outcome, causes := g.judge(s.Merchant)
		if outcome != s.Outcome || !slices.Equal(causes, s.Causes) {
			t.Errorf("%s: got %s %v, want %s %v", s.Scenario, outcome, causes, s.Outcome, s.Causes)
		}
	}
}

func (g *gateway) judge(row sandbox.MerchantRow) (outcome string, causes []string) {
	code, _, body, err := g.requestInfo(row.PaymentID)
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		g.t.Fatal(err)
	case err != nil || code >= 500 || !json.Valid([]byte(body)):
		return "unreachable", nil
	case code == 404 || code == 422 && strings.Contains(body, "not found"):
		return "not_found", nil
	}
	var a struct {
		Status, SubStatus string
		Sub               *string `json:"sub_status"`
		PaymentID         string  `json:"payment_id"`
		ProjectID         string  `json:"project_id"`
		Info              *struct {
			A              int64  `json:"amount"`
			O              int64  `json:"old_amount"`
			I              int64  `json:"initial_amount"`
			Expiry         *int64 `json:"expiration_date"`
			Currency, Type string
		} `json:"payment_info"`
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		g.t.Fatal(err)
	}
	if a.Sub != nil {
		a.SubStatus = *a.Sub
	}
	closed := a.Status == "decline" || a.Status == "error"
	out := func(n int64) bool { return n < 1 || n > 10_000_000_000_000 }
	if a.PaymentID != row.PaymentID || a.ProjectID != row.ProjectID || a.Info == nil && !closed ||
		a.Info != nil && (a.Info.Currency != row.Currency || a.Info.Type != "payin" || out(a.Info.A) || out(a.Info.O) ||
			out(a.Info.I)) ||
		!slices.Contains([]string{"processing", "dispute", "error", "decline", "success"}, a.Status) ||
		a.Status == "success" && a.SubStatus != "" && !row.Final() {
		return "unverifiable", nil
	}
	note := func(holds bool, cause string) {
		if holds && !closed {
			causes = append(causes, cause)
		}
	}
	amounts, overdue := false, false
	if !closed {
		amounts = a.Info.A != a.Info.O || a.Info.O != a.Info.I || a.Info.I != row.Amount
		note(a.Info.A != a.Info.O, "appeal")
		note(a.Info.O != a.Info.I, "reprice")
		note(a.Info.I != row.Amount, "record")
		expiry := row.CreatedAt.Add(10 * time.Minute)
		if row.Lifetime != nil {
			expiry = row.CreatedAt.Add(time.Duration(*row.Lifetime) * time.Second)
		}
		if a.Info.Expiry != nil {
			expiry = time.Unix(*a.Info.Expiry, 0)
		}
		overdue = a.Status == "processing" && noon.After(expiry.Add(15*time.Minute))
	}
	pair := a.Status + ":" + a.SubStatus
	note(pair == "dispute:different_amount", "provider")
	note(pair == "dispute:no_payment", "no_payment")
	note(pair == "dispute:confirm_timeout", "confirm_timeout")
	note(overdue, "overdue")
	sort.Strings(causes)
	settled := row.Amount
	if row.SettledAmount != nil {
		settled = *row.SettledAmount
	}
	switch {
	case row.Final() && (a.Status != row.Status || a.Status == "success" && a.Info.A != settled):
		return "reversed", causes
	case a.Status == "decline":
		return "declined", causes
	case a.Status == "error":
		return "rejected", causes
	case pair == "dispute:no_payment" || pair == "dispute:confirm_timeout" || overdue:
		return "timeout", causes
	case pair == "dispute:different_amount" || a.Status != "dispute" && amounts:
		return "different_amount", causes
	case a.Status == "dispute":
		return "disputed", causes
	case a.Status == "success":
		return "confirmed", causes
	}
	return "pending", causes
}

func BenchmarkSamples(b *testing.B) {
	n := 0
	for range sandbox.SamplesSeq(b.N, 1, project, noon) {
		n++
	}
	if n != b.N {
		b.Error(n)
	}
}

// BenchmarkInfo measures one request in the handler, without the client's signature and without the network.
func BenchmarkInfo(b *testing.B) {
	g := open(b)
	g.put(sandbox.Payin{})
	signed := g.request("widget/payin/info", ids(payment))
	body, err := io.ReadAll(signed.Body)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, w := httptest.NewRequest(http.MethodPost, "/api/v1/widget/payin/info", bytes.NewReader(body)),
				httptest.NewRecorder()
			r.Header = signed.Header
			if g.ServeHTTP(w, r); w.Code != http.StatusOK {
				b.Errorf("answers %d %s", w.Code, w.Body)
				return
			}
		}
	})
}

// BenchmarkPut measures the time and memory of one Put.
func BenchmarkPut(b *testing.B) {
	g := open(b)
	b.ReportAllocs()
	for s := range sandbox.SamplesSeq(b.N, 1, project, noon) {
		if s.Gateway == nil {
			continue
		}
		if err := g.Put(*s.Gateway); err != nil {
			b.Fatal(err)
		}
	}
}
