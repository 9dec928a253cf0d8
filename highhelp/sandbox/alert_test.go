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

// A received alert, with its signature checked.
type received struct {
	path, state, requisites string
	amount                  float64
	at                      time.Time
}

// A receiver is a merchant's callback URL on loopback.
type receiver struct {
	sync.Mutex
	t      *testing.T
	key    *rsa.PublicKey
	alerts []received
	code   int // what it answers
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

// The alert of the gateway's page: same fields, same values.
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
		o.Registers[0].AlertKey, o.Registers[0].AlertSecret = nil, []byte(" another-secret\n")
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
	if _, err := g.SendAlert(t.Context(), project, payment, 1); err == nil || !strings.Contains(err.Error(), "has no callback URL") {
		t.Errorf("no URL: %v", err)
	}
	if _, err := g.SendAlert(t.Context(), project, "other", 1); err == nil || !strings.Contains(err.Error(), `no payin "other"`) {
		t.Errorf("no payin: %v", err)
	}
	if _, _, err := g.Alert(sandbox.Payin{ProjectID: "som", PaymentID: payment}); err == nil {
		t.Error("no register is no error")
	}
	g = open(t, func(o *sandbox.Options) { o.Registers[0].AlertKey = nil })
	if _, _, err := g.Alert(sandbox.Payin{ProjectID: project, PaymentID: payment}); err == nil || !strings.Contains(err.Error(), "neither AlertKey nor AlertSecret") {
		t.Errorf("no key: %v", err)
	}
}

// A decline carries payment_system, as null.
func TestAlertOfADecline(t *testing.T) {
	g := open(t)
	body, _, err := g.Alert(sandbox.Payin{ProjectID: project, PaymentID: payment, Amount: 1, Status: "decline"})
	if err != nil || !bytes.Contains(body, []byte(`"payment_system":null`)) {
		t.Errorf("%s, %v", body, err)
	}
}

// A created payin's states are announced as they come, each to its URL, with the moment of the state.
func TestAlertsFollowTheStates(t *testing.T) {
	v, url := receive(t)
	g := open(t, func(o *sandbox.Options) { o.AlertURL = url + "/default" })
	body := with(creation(payment), "general.merchant_callback_url", url+"/informative")
	body = with(body, "general.merchant_success_callback_url", url+"/success")
	if code, answer := g.do(g.request("widget/payin", body)); code != 200 {
		t.Fatalf("answers %d %v", code, answer)
	}
	declined := with(with(creation("declined"), "general.merchant_decline_callback_url", url+"/decline"), "customer.id", "sandbox:decline")
	if code, answer := g.do(g.request("widget/payin", declined)); code != 200 {
		t.Fatalf("answers %d %v", code, answer)
	}
	if arrived := g.SendDueAlerts(t.Context()); arrived != 2 {
		t.Errorf("%d alerts arrived at first", arrived)
	}
	g.clock.move(time.Hour) // all that was due since is made up for, state by state
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

func TestAlertsOnlyOfWhatStillHolds(t *testing.T) {
	v, url := receive(t)
	g := open(t, func(o *sandbox.Options) { o.AlertURL = url })
	g.put(sandbox.Payin{CreatedAt: noon.Add(-time.Hour), Steps: []sandbox.Step{
		{After: time.Minute, Status: "processing", SubStatus: "paid"}, // long past: announced before it was put
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
		t.Errorf("answered %v, %v; %d arrived", statuses, err, len(v.alerts))
	}
}

// roundTrip answers without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Run sleeps until the next state is due, wakes for what is put meanwhile, and ends with its context or with Close.
func TestRun(t *testing.T) {
	key := privateKey(t, "alert.pem")
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var sent []time.Duration
		s, err := sandbox.New(sandbox.Options{
			Registers: []sandbox.Register{{ProjectID: project, PublicKey: &key.PublicKey, AlertKey: key}},
			AlertURL:  "http://127.0.0.1/",
			HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				sent = append(sent, time.Since(start))
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		put := func(id string, after time.Duration) {
			if err := s.Put(sandbox.Payin{ProjectID: project, PaymentID: id, Steps: []sandbox.Step{{After: after, Status: "success"}}}); err != nil {
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
