package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
)

// control sends one request to the Control handler and checks the HTTP status.
func control(t *testing.T, h http.Handler, method, target, body string, want int) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	if w.Code != want {
		t.Errorf("%s %s %.80s answers %d %s, want %d", method, target, body, w.Code, w.Body, want)
	}
	return w.Body.String()
}

func TestControlPayins(t *testing.T) {
	g := open(t)
	h := g.Control()
	control(t, h, "POST", "/sandbox/payins", `
		{"payment_id":"a/b c","amount":7000,"initial_amount":10000,"status":"processing","sub_status":"awaiting_confirm",
		 "created_at":"2024-01-25T11:40:47Z","steps":[{"after":"1m30s","status":"success","amount":8000}],"quirk":"no_method"}
		{"project_id":"`+project+`","payment_id":"plain","amount":1}`, 200)
	g.info("plain", 200)
	var p struct {
		sandbox.Payin
		Asks  int                      `json:"asks"`
		Steps []struct{ After string } `json:"steps"`
	}
	if err := json.Unmarshal([]byte(control(t, h, "GET", "/sandbox/payins/a%2Fb%20c?project_id="+project, "", 200)),
		&p); err != nil {
		t.Fatal(err)
	}
	if p.Amount != 7000 || p.OldAmount != 10_000 || p.SubStatus != "awaiting_confirm" || p.Steps[0].After != "1m30s" ||
		p.Asks != 0 {
		t.Errorf("payin is %+v", p)
	}
	g.clock.move(90 * time.Second)
	if err := json.Unmarshal([]byte(control(t, h, "GET", "/sandbox/payins/a/b%20c", "", 200)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Amount != 8000 || p.Status != "success" {
		t.Errorf("later it is %+v", p)
	}
	if got := control(t, h, "GET", "/sandbox/payins/plain", "", 200); !strings.Contains(got, `"asks":1`) {
		t.Errorf("payin is %s", got)
	}
	if got := control(t, h, "GET", "/sandbox/payins/none", "", 404); !strings.Contains(got, "unknown payin") {
		t.Errorf("says %s", got)
	}
}

func TestControlIsStrict(t *testing.T) {
	g := open(t)
	h := g.Control()
	for _, tt := range []struct{ target, body, says string }{
		{"payins", ``, "body is empty"},
		{"payins", `{"payment_id":"a"}` + "\n" + `{"payment_id":"b","amonut":1}`, `value 2: json: unknown field \"amonut\"`},
		{"payins", `{"payment_id":"a","steps":[{"after":"soon","status":"success"}]}`, "invalid duration"},
		{"payins", `{"payment_id":"a","steps":[{"aftr":"1s","status":"success"}]}`, `unknown field \"aftr\"`},
		{"payins", `{"payment_id":"a","asks":1}`, "is a read-only counter"},
		{"payins", `{"payment_id":"a"} {"payment_id":"b","quirk":"odd"}`, `unknown quirk \"odd\"`},
		{"payins", `{"payment_id":"a","project_id":"som"}`, `unknown project \"som\"`},
		{"payins", `[]`, "cannot unmarshal array"},
		{"payins", `{"payment_id":"a"`, "unexpected EOF"},
		{"faults", `{"name":"drop"} {"name":"explode"}`, `value 2: unknown fault \"explode\", want one of`},
		{"faults", `{"name":"delay","delay":5}`, "cannot unmarshal number"},
		{"alerts", `{"payment_id":"a","times":-1}`, "times is -1"},
		{"alerts", `{"payment_id":"a","times":1001}`, "want 0 to 1000"},
		{"alerts", `{"id":"a"}`, `unknown field \"id\"`},
	} {
		if got := control(t, h, "POST", "/sandbox/"+tt.target, tt.body, 400); !strings.Contains(got, tt.says) {
			t.Errorf("%s got %s, want %s", tt.body, got, tt.says)
		}
	}
	if g.Stats().Payins != 0 {
		t.Error("a rejected request stored payins")
	}
	g.info("a", 404) // the sandbox has no fault, because the request was rejected
	control(t, h, "POST", "/sandbox/payins", `{"payment_id":"`+strings.Repeat("a", 16<<20)+`"}`, 413)
}

func TestControlFaultsAndStats(t *testing.T) {
	g := open(t)
	h := g.Control()
	control(t, h, "POST", "/sandbox/faults", `{"name":"status","status_code":500,"times":1}
		{"name":"delay","delay":"1ms","times":1}
		{"name":"status","status_code":429,"retry_after":"1"}`, 200)
	for _, code := range []int{500, 404, 429, 429} {
		g.info(payment, code)
	}
	control(t, h, "DELETE", "/sandbox/faults", "", 200)
	g.info(payment, 404)
	var stats sandbox.Stats
	if err := json.Unmarshal([]byte(control(t, h, "GET", "/sandbox/stats", "", 200)), &stats); err != nil {
		t.Fatal(err)
	}
	if stats.Total != 5 || stats.Requests[sandbox.EndpointInfo][429] != 2 {
		t.Errorf("stats are %+v", stats)
	}
}

func TestControlAlerts(t *testing.T) {
	v, url := receive(t)
	g := open(t, func(o *sandbox.Options) { o.AlertURL = url })
	g.put(sandbox.Payin{Status: "success"})
	h := g.Control()
	if got := control(t, h, "POST", "/sandbox/alerts", `{"payment_id":"`+payment+`","times":2}`,
		200); !strings.Contains(got, `"statuses":[200,200]`) {
		t.Errorf("answers %s", got)
	}
	if len(v.alerts) != 2 || v.alerts[0].state != "success" {
		t.Errorf("arrived: %+v", v.alerts)
	}
	control(t, h, "POST", "/sandbox/alerts", `{"payment_id":"none"}`, 404)

	g.put(sandbox.Payin{Callbacks: sandbox.Callbacks{URL: "http://127.0.0.1:0/"}})
	if got := control(t, h, "POST", "/sandbox/alerts", `{"payment_id":"`+payment+`"}`, 200); !strings.Contains(got,
		`"error":"send alert: `) {
		t.Errorf("answers %s", got)
	}
}
