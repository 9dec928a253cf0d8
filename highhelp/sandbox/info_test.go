package sandbox_test

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp/sandbox"
)

// TestInfoIsTheDocumentedSample compares an answer with the example in HighHelp's documentation.
func TestInfoIsTheDocumentedSample(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{
		RequestID: "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3",
		Amount:    10_000, OldAmount: 10_000, InitialAmount: 3_000,
		Status: "processing", SubStatus: "awaiting_confirm",
		Lifetime: 300, ExpirationDate: time.Unix(1721647251, 0),
		Method: "card-p2p", WidgetMethod: "payin-p2p-card",
		Callbacks: sandbox.Callbacks{Redirect: "https://your-web-site-url.com/order/page"},
	})
	response, err := g.http.Do(g.request("widget/payin/info", ids(payment)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"status":"processing","sub_status":"awaiting_confirm","status_description":null,` +
		`"request_id":"16a10539-fcb3-4ff5-a3e2-86625a2dc3d3","project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782",` +
		`"payment_id":"PAYMENT-KGS-123456",` +
		`"payment_info":{"amount":10000,"old_amount":10000,"initial_amount":3000,"currency":"KGS","lifetime":300,` +
		`"expiration_date":1721647251,"method":"card-p2p","widget_method":"payin-p2p-card","type":"payin"},` +
		`"integration":{"form_url":"https://ppage.hh-processing.com/widget/`
	if !strings.HasPrefix(string(got), want) {
		t.Errorf("answers %s\nwant    %s…", got, want)
	}
	if want := `","redirect_url":"https://your-web-site-url.com/order/page"}}`; !strings.HasSuffix(string(got), want) {
		t.Errorf("answer ends in %s", got)
	}
}

func TestDefaultsOfAPayin(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{Amount: 150_000})
	answer := g.info(payment, 200)
	info := object{
		"amount": 150_000.0, "old_amount": 150_000.0, "initial_amount": 150_000.0, "currency": "KGS", "lifetime": 600.0,
		"expiration_date": float64(noon.Unix() + 600), "method": nil, "widget_method": nil, "type": "payin",
	}
	if diff := cmp.Diff(info, answer["payment_info"]); diff != "" {
		t.Error(diff)
	}
	if state(answer) != "processing:new" {
		t.Errorf("state is %s", state(answer))
	}
	p, found := g.Payin(project, payment)
	if !found || p.RequestID != answer["request_id"] || len(p.RequestID) != 36 {
		t.Errorf("request ID is %s, answered as %s", p.RequestID, answer["request_id"])
	}
	if _, found := g.Payin(project, "other"); found {
		t.Error("a payin that was not put is found")
	}
}

func TestStatesMoveWithTheClock(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{Amount: 10_000, Steps: []sandbox.Step{
		{After: 5 * time.Second, Status: "processing", SubStatus: "awaiting_confirm"},
		{After: 30 * time.Second, Status: "dispute", SubStatus: "different_amount", Amount: 7_000},
		{After: 24 * time.Hour, Status: "success", Amount: 8_000, OldAmount: 7_000},
	}})
	for _, tt := range []struct {
		move        time.Duration
		state       string
		amount, old float64
	}{
		{0, "processing:new", 10_000, 10_000},
		{4*time.Second + 999*time.Millisecond, "processing:new", 10_000, 10_000},
		{time.Millisecond, "processing:awaiting_confirm", 10_000, 10_000},
		{25 * time.Second, "dispute:different_amount", 7_000, 10_000},
		{24 * time.Hour, "success", 8_000, 7_000},
	} {
		g.clock.move(tt.move)
		answer := g.info(payment, 200)
		info := answer["payment_info"].(object)
		if state(answer) != tt.state || info["amount"] != tt.amount || info["old_amount"] != tt.old ||
			info["initial_amount"] != 10_000.0 {
			t.Errorf("at %s: %s %v", g.clock.now().Sub(noon), state(answer), info)
		}
	}
}

// TestQuirks checks how each quirk changes the answer. The text "-" means a missing field.
func TestQuirks(t *testing.T) {
	want := map[string]string{
		"other_payment_id":     `payment_id="OTHER-PAYMENT-KGS-123456"`,
		"other_project_id":     `project_id="00000000-0000-4000-8000-000000000000"`,
		"other_currency":       `payment_info.currency="RUB"`,
		"no_payment_info":      `payment_info=-`,
		"null_payment_info":    `payment_info=null`,
		"zero_amount":          `payment_info.amount=0`,
		"negative_amount":      `payment_info.amount=-1`,
		"excess_amount":        `payment_info.amount=10000000000001`,
		"text_amount":          `payment_info.amount="10000"`,
		"fraction_amount":      `payment_info.amount=10000.5`,
		"type_payout":          `payment_info.type="payout"`,
		"unknown_status":       `status="frozen"`,
		"unknown_sub_status":   `sub_status="awaiting_manual_review"`,
		"no_sub_status":        `sub_status=-`,
		"null_sub_status":      `sub_status=null`,
		"no_expiration_date":   `payment_info.expiration_date=-`,
		"null_expiration_date": `payment_info.expiration_date=null`,
		"no_integration":       `integration=-`,
		"null_integration":     `integration=null`,
		"no_method":            `payment_info.method=-`,
		"null_method":          `payment_info.widget_method=null`,
		"no_description":       `status_description=-`,
		"extra_fields":         `x_unknown.status="decline"`,
	}
	g := open(t)
	for _, quirk := range sandbox.Quirks() {
		g.put(sandbox.Payin{Quirk: quirk, Method: "card-p2p", WidgetMethod: "payin-p2p-card"})
		answer := g.info(payment, 200)
		path, value, _ := strings.Cut(want[quirk], "=")
		if got := at(t, answer, path); got != value {
			t.Errorf("%s: %s is %s, want %s", quirk, path, got, value)
		}
	}
	if len(want) != len(sandbox.Quirks()) {
		t.Errorf("%d quirks are tested, there are %v", len(want), sandbox.Quirks())
	}
	g.put(sandbox.Payin{Quirk: "no_integration, other_currency", Currency: "RUB"})
	if answer := g.info(payment, 200); at(t, answer, "integration") != "-" ||
		at(t, answer, "payment_info.currency") != `"KGS"` {
		t.Errorf("two quirks give %v", answer)
	}
}

func at(t *testing.T, answer object, path string) string {
	t.Helper()
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		answer = answer[part].(object)
	}
	value, found := answer[parts[len(parts)-1]]
	if !found {
		return "-"
	}
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if n, isNumber := value.(float64); isNumber && n > 1e9 {
		raw, _ = json.Marshal(int64(n))
	}
	return string(raw)
}

func TestNamesAreSorted(t *testing.T) {
	for _, names := range [][]string{sandbox.Quirks(), sandbox.Flows()} {
		if len(names) == 0 || !slices.IsSorted(names) {
			t.Error(names)
		}
	}
}
