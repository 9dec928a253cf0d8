package sandbox_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/highhelp/sandbox"
)

// received is an alert that arrived with a valid signature.
type received struct {
	path, state, requisites string
	amount                  float64
	at                      time.Time
}

// receiver is a merchant's callback server on a loopback address.
type receiver struct {
	sync.Mutex
	t      *testing.T
	key    *rsa.PublicKey
	alerts []received
	code   int // the HTTP status of the receiver's answers
}

func (v *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Error(err)
	}
	alert := v.check(body, r.Header)
	alert.path = r.URL.Path
	v.Lock()
	defer v.Unlock()
	v.alerts = append(v.alerts, alert)
	w.WriteHeader(v.code)
}

func (v *receiver) check(body []byte, header http.Header) received {
	timestamp, err := strconv.ParseInt(header.Get("X-Access-Timestamp"), 10, 64)
	if err != nil {
		v.t.Error(err)
	}
	signature, err := base64.RawURLEncoding.DecodeString(header.Get("X-Access-Signature"))
	if err != nil {
		v.t.Error(err)
	}
	first := sha256.Sum256([]byte(signText(v.t, body, timestamp)))
	second := sha256.Sum256(first[:])
	if err := rsa.VerifyPKCS1v15(v.key, crypto.SHA256, second[:], signature); err != nil {
		v.t.Errorf("signature of %s: %v", body, err)
	}
	var alert struct {
		Status     map[string]any
		Info       map[string]any `json:"payment_info"`
		Requisites map[string]any `json:"recipient_requisites"`
	}
	if err := json.Unmarshal(body, &alert); err != nil {
		v.t.Error(err)
	}
	requisites, _ := alert.Requisites["card_number"].(string)
	return received{
		state: state(alert.Status), requisites: requisites, amount: alert.Info["amount"].(float64),
		at: time.Unix(int64(alert.Info["updated_date"].(float64)), 0),
	}
}

func receive(t *testing.T) (*receiver, string) {
	v := &receiver{t: t, key: &privateKey(t, "alert.pem").PublicKey, code: 200}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	return v, server.URL
}

// TestAlertIsTheDocumentedSample compares an alert with the example in HighHelp's documentation.
func TestAlertIsTheDocumentedSample(t *testing.T) {
	g := open(t)
	v := &receiver{t: t, key: &privateKey(t, "alert.pem").PublicKey}
	settled := time.Unix(1721647251, 0)
	body, header, err := g.Alert(sandbox.Payin{
		ProjectID: project, PaymentID: payment, RequestID: "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3",
		Amount: 7000, OldAmount: 5000, InitialAmount: 3000, Status: "success",
		Lifetime: 300, CreatedAt: settled, ExpirationDate: settled, Method: "card-p2p", WidgetMethod: "payin-p2p-card",
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782",
 "general":{"request_id":"16a10539-fcb3-4ff5-a3e2-86625a2dc3d3","payment_id":"PAYMENT-KGS-123456"},
 "status":{"status":"success","sub_status":null,"status_description":null},
 "payment_info":{"amount":7000,"old_amount":5000,"initial_amount":3000,"currency":"KGS","lifetime":300,
  "expiration_date":1721647251,"updated_date":1721647251,"created_date":1721647251,
  "method":"card-p2p","widget_method":"payin-p2p-card","type":"payin"}}`
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if compact.String() != string(body) {
		t.Errorf("alert is %s\nwant     %s", body, &compact)
	}
	v.check(body, header)
	if got := header.Get("X-Access-Timestamp"); got != strconv.FormatInt(noon.Unix(), 10) {
		t.Errorf("timestamp is %s", got)
	}
}

func TestAlertWithHMAC(t *testing.T) {
	g := open(t, func(o *sandbox.Options) {
		o.Projects[0].AlertKey, o.Projects[0].AlertSecret = nil, []byte(" another-secret\n")
	})
	body, header, err := g.Alert(sandbox.Payin{ProjectID: project, PaymentID: payment, Amount: 1})
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha512.New, []byte("another-secret"))
	mac.Write([]byte(signText(t, body, noon.Unix())))
	if want := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); header.Get("X-Access-Signature") != want {
		t.Errorf("signature is %s, want %s", header.Get("X-Access-Signature"), want)
	}
}

func TestAlertNeedsAKeyAndATarget(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	if _, err := g.SendAlert(t.Context(), project, payment, 1); err == nil ||
		!strings.Contains(err.Error(), "has no callback URL") {
		t.Errorf("no URL: %v", err)
	}
	if _, err := g.SendAlert(t.Context(), project, "other", 1); err == nil ||
		!strings.Contains(err.Error(), `no payin "other"`) {
		t.Errorf("no payin: %v", err)
	}
	if _, _, err := g.Alert(sandbox.Payin{ProjectID: "som", PaymentID: payment}); err == nil {
		t.Error("no error for an unknown project")
	}
	g = open(t, func(o *sandbox.Options) { o.Projects[0].AlertKey = nil })
	if _, _, err := g.Alert(sandbox.Payin{ProjectID: project, PaymentID: payment}); err == nil ||
		!strings.Contains(err.Error(), "neither AlertKey nor AlertSecret") {
		t.Errorf("no key: %v", err)
	}
}

// TestAlertOfADecline checks that the alert of a decline contains payment_system: null.
func TestAlertOfADecline(t *testing.T) {
	g := open(t)
	body, _, err := g.Alert(sandbox.Payin{ProjectID: project, PaymentID: payment, Amount: 1, Status: "decline"})
	if err != nil || !bytes.Contains(body, []byte(`"payment_system":null`)) {
		t.Errorf("%s, %v", body, err)
	}
}

// TestAlertsFollowTheStates checks that a created payin causes an alert for each state. Each alert goes to the right
// URL and contains the time at which the state began.
func TestAlertsFollowTheStates(t *testing.T) {
	v, url := receive(t)
	g := open(t, func(o *sandbox.Options) { o.AlertURL = url + "/default" })
	body := with(creation(payment), "general.merchant_callback_url", url+"/informative")
	body = with(body, "general.merchant_success_callback_url", url+"/success")
	if code, answer := g.do(g.request("widget/payin", body)); code != 200 {
		t.Fatalf("answers %d %v", code, answer)
	}
	declined := with(with(creation("declined"), "general.merchant_decline_callback_url", url+"/decline"), "customer.id",
		"sandbox:decline")
	if code, answer := g.do(g.request("widget/payin", declined)); code != 200 {
		t.Fatalf("answers %d %v", code, answer)
	}
	if arrived := g.SendDueAlerts(t.Context()); arrived != 2 {
		t.Errorf("%d alerts arrived at first", arrived)
	}
	g.clock.move(time.Hour) // sends the alerts of all states within the hour
	if arrived := g.SendDueAlerts(t.Context()); arrived != 8 {
		t.Errorf("%d alerts arrived after that", arrived)
	}
	var first, second []received
	for _, alert := range v.alerts {
		if alert.path == "/informative" || alert.path == "/success" {
			first = append(first, alert)
		} else {
			second = append(second, alert)
		}
	}
	const card, amount = "417000******1234", 150_000
	want := func(informative, last, lastState string) []received {
		return []received{
			{informative, "processing:new", "", amount, noon},
			{informative, "processing:requisites", "", amount, noon.Add(2 * time.Second)},
			{informative, "processing:awaiting_confirm", card, amount, noon.Add(5 * time.Second)},
			{informative, "processing:paid", card, amount, noon.Add(30 * time.Second)},
			{last, lastState, "", amount, noon.Add(40 * time.Second)},
		}
	}
	same := func(a, b received) bool { at := a.at.Equal(b.at); a.at = b.at; return at && a == b }
	if !slices.EqualFunc(first, want("/informative", "/success", "success"), same) {
		t.Errorf("alerts of the first: %+v", first)
	}
	if !slices.EqualFunc(second, want("/default", "/decline", "decline"), same) {
		t.Errorf("alerts of the second: %+v", second)
	}
	if got := g.Stats(); got.AlertsSent != 10 || got.AlertsFailed != 0 {
		t.Errorf("counted %+v", got)
	}
}

func TestReplacedPayinsSendNoAlerts(t *testing.T) {
	v, url := receive(t)
	g := open(t, func(o *sandbox.Options) { o.AlertURL = url })
	g.put(sandbox.Payin{CreatedAt: noon.Add(-time.Hour), Steps: []sandbox.Step{
		{After: time.Minute, Status: "processing", SubStatus: "paid"}, // in the past, so there is no alert
		{After: 2 * time.Hour, Status: "success"},
	}})
	g.put(sandbox.Payin{PaymentID: "replaced", Steps: []sandbox.Step{{After: time.Minute, Status: "decline"}}})
	g.put(sandbox.Payin{PaymentID: "replaced", Steps: []sandbox.Step{{After: time.Minute, Status: "success"}}})
	g.clock.move(24 * time.Hour)
	v.code = 500
	if arrived := g.SendDueAlerts(t.Context()); arrived != 0 || len(v.alerts) != 2 {
		t.Errorf("%d arrived of %+v", arrived, v.alerts)
	}
	for _, alert := range v.alerts {
		if alert.state != "success" {
			t.Errorf("alert of %s", alert.state)
		}
	}
	if g.SendDueAlerts(t.Context()); g.Stats().AlertsFailed != 2 {
		t.Errorf("counted %+v", g.Stats())
	}
}

func TestSendAlertRepeats(t *testing.T) {
	v, url := receive(t)
	v.code = 202
	g := open(t)
	g.put(sandbox.Payin{Callbacks: sandbox.Callbacks{URL: url}})
	statuses, err := g.SendAlert(t.Context(), project, payment, 3)
	if err != nil || !slices.Equal(statuses, []int{202, 202, 202}) || len(v.alerts) != 3 {
		t.Errorf("statuses %v, %v; %d arrived", statuses, err, len(v.alerts))
	}
}

// TestAlertsAreRetried checks that each alert is sent AlertTimes times. A failed alert is retried after AlertPause, at
// most AlertRetries times.
func TestAlertsAreRetried(t *testing.T) {
	v, url := receive(t)
	g := open(t, func(o *sandbox.Options) {
		o.AlertURL, o.AlertTimes, o.AlertRetries, o.AlertPause = url, 2, 3, time.Minute
	})
	g.put(sandbox.Payin{Steps: []sandbox.Step{
		{After: time.Second, Status: "processing", SubStatus: "paid"}, {After: time.Hour, Status: "success"},
	}})
	g.clock.move(2 * time.Second)
	want := func(code, arrived, sent int) {
		t.Helper()
		v.code = code
		if got := g.SendDueAlerts(t.Context()); got != arrived || len(v.alerts) != sent {
			t.Errorf("%d arrived of %d sent, want %d of %d", got, len(v.alerts), arrived, sent)
		}
	}
	want(503, 0, 2)
	want(200, 0, 2) // the pause has not ended yet
	g.clock.move(time.Minute)
	want(503, 0, 4)
	g.clock.move(time.Minute)
	want(200, 2, 6)
	g.clock.move(30 * time.Minute)
	want(200, 0, 6) // all alerts arrived
	for _, alert := range v.alerts {
		if alert.state != "processing:paid" || !alert.at.Equal(noon.Add(time.Second)) {
			t.Errorf("sent %+v", alert)
		}
	}
	g.clock.move(time.Hour)
	want(500, 0, 8)
	for range 5 {
		g.clock.move(time.Minute)
		g.SendDueAlerts(t.Context())
	}
	want(200, 0, 8+3*2) // no more than three retries
}

// TestAlertsWithWrongSignatures checks that a fault makes the signatures of a number of alerts invalid. The fault does
// not affect answers.
func TestAlertsWithWrongSignatures(t *testing.T) {
	var fits []bool
	key := &privateKey(t, "alert.pem").PublicKey
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		signature, err := base64.RawURLEncoding.DecodeString(r.Header.Get("X-Access-Signature"))
		if err != nil {
			t.Errorf("the signature should be invalid but have the right form: %v", err)
		}
		timestamp, _ := strconv.ParseInt(r.Header.Get("X-Access-Timestamp"), 10, 64)
		first := sha256.Sum256([]byte(signText(t, body, timestamp)))
		second := sha256.Sum256(first[:])
		fits = append(fits, rsa.VerifyPKCS1v15(key, crypto.SHA256, second[:], signature) == nil)
	}))
	t.Cleanup(server.Close)
	g := open(t)
	g.put(sandbox.Payin{Callbacks: sandbox.Callbacks{URL: server.URL}})
	if err := g.Inject(sandbox.Fault{Name: "wrong_signature", After: 1, Times: 2}); err != nil {
		t.Fatal(err)
	}
	if code, _ := g.do(g.request("widget/payin/info", ids(payment))); code != 200 {
		t.Errorf("an answer has changed: %d", code)
	}
	if err := g.Inject(sandbox.Fault{Name: "status", Times: 1}); err != nil { // this fault does not apply to alerts
		t.Fatal(err)
	}
	if _, err := g.SendAlert(t.Context(), project, payment, 4); err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, false, false, true}; !slices.Equal(fits, want) {
		t.Errorf("valid signatures: %v, want %v", fits, want)
	}
	if code, _ := g.do(g.request("widget/payin/info", ids(payment))); code != 503 {
		t.Errorf("an alert used the fault of an answer: %d", code)
	}
	for _, f := range []sandbox.Fault{{Name: "wrong_signature", Endpoint: sandbox.EndpointInfo},
		{Name: "status", Endpoint: sandbox.EndpointAlert}} {
		if err := g.Inject(f); err == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
}

// roundTrip is an HTTP transport without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestRun checks that Run waits for the next state, notices new payins, and returns when its context ends or Close is
// called.
func TestRun(t *testing.T) {
	key := privateKey(t, "alert.pem")
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var sent []time.Duration
		s, err := sandbox.New(sandbox.Options{
			Projects: []sandbox.Project{{ProjectID: project, PublicKey: &key.PublicKey, AlertKey: key}},
			AlertURL: "http://127.0.0.1/",
			HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				sent = append(sent, time.Since(start))
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		put := func(id string, after time.Duration) {
			if err := s.Put(sandbox.Payin{ProjectID: project, PaymentID: id,
				Steps: []sandbox.Step{{After: after, Status: "success"}}}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan struct{})
		go func() {
			s.Run(ctx)
			ended <- struct{}{}
		}()
		put("late", 3*time.Hour)
		time.Sleep(time.Minute)
		put("soon", time.Second)
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if want := []time.Duration{time.Minute + time.Second, 3 * time.Hour}; !slices.Equal(sent, want) {
			t.Errorf("sent after %v, want %v", sent, want)
		}
		cancel()
		<-ended
		go func() {
			s.Run(t.Context())
			ended <- struct{}{}
		}()
		s.Close()
		<-ended
	})
}
