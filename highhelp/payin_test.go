package highhelp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePayinInfo(t *testing.T) {
	got, err := ParsePayinInfo([]byte(sampleInfo))
	if err != nil {
		t.Fatal(err)
	}
	want := &PayinInfo{
		Status: "processing", SubStatus: "awaiting_confirm",
		RequestID: "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", ProjectID: testProject, PaymentID: testPayment,
		PaymentInfo: &PaymentInfo{
			Amount: 10000, OldAmount: 10000, InitialAmount: 3000, Currency: "KGS", Lifetime: 300, ExpirationDate: 1721647251,
			Method: "card-p2p", WidgetMethod: "payin-p2p-card", Type: "payin",
		},
		Integration: &Integration{
			FormURL:     "https://ppage.hh-processing.com/widget/24a9249ae10e15232c123409b625daf7e0ea627c",
			RedirectURL: "https://your-web-site-url.com/order/page",
		},
		Raw: []byte(sampleInfo),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParsePayinInfoAcceptsOptionalFields(t *testing.T) {
	for body, want := range map[string]PayinInfo{
		`{"status":"success"}`: {Status: "success"},
		`{"status":"decline","sub_status":null,"payment_info":null,"integration":null,` +
			`"request_id":null}`: {Status: "decline"},
		`{"status":"teapot","sub_status":"new_one","extra":{"status":["x"]},"amount":1.5}`: {Status: "teapot",
			SubStatus: "new_one"},
		`{"status":"success","Status":"decline","STATUS":"error"}`: {Status: "success"},
		`{"status":"success","payment_info":{"amount":null,"method":null}}`: {Status: "success",
			PaymentInfo: &PaymentInfo{}},
		`{"status":"success","payment_info":{"amount":-5,"old_amount":9223372036854775807}}`: {Status: "success",
			PaymentInfo: &PaymentInfo{Amount: -5, OldAmount: 9223372036854775807}},
		`{"status":"success","payment_info":{"Amount":7}}`: {Status: "success",
			PaymentInfo: &PaymentInfo{}},
	} {
		want.Raw = []byte(body)
		got, err := ParsePayinInfo([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestParsePayinInfoRefuses(t *testing.T) {
	for body, want := range map[string]error{
		``: ErrUnreachable, `<html>`: ErrUnreachable, sampleInfo[:300]: ErrUnreachable, sampleInfo + "x": ErrUnreachable,
		"{\"status\":\"\xff\"}": ErrUnreachable,
		`[]`:                    ErrMalformed, `"success"`: ErrMalformed, `null`: ErrMalformed, `true`: ErrMalformed,
		`1`:  ErrMalformed,
		`{}`: ErrMalformed, `{"status":null}`: ErrMalformed, `{"status":""}`: ErrMalformed, `{"status":1}`: ErrMalformed,
		`{"status":{"status":"success"}}`:                                    ErrMalformed,
		`{"status":"success","status":"decline"}`:                            ErrMalformed,
		`{"status":"success","payment_info":[]}`:                             ErrMalformed,
		`{"status":"success","payment_info":{"amount":"100"}}`:               ErrMalformed,
		`{"status":"success","payment_info":{"amount":100.0}}`:               ErrMalformed,
		`{"status":"success","payment_info":{"amount":1e2}}`:                 ErrMalformed,
		`{"status":"success","payment_info":{"amount":true}}`:                ErrMalformed,
		`{"status":"success","payment_info":{"old_amount":1.5}}`:             ErrMalformed,
		`{"status":"success","payment_info":{"initial_amount":[1]}}`:         ErrMalformed,
		`{"status":"success","payment_info":{"amount":9223372036854775808}}`: ErrMalformed,
		`{"status":"success","payment_info":{"amount":1,"amount":2}}`:        ErrMalformed,
		`{"status":"success","payment_info":{"currency":417}}`:               ErrMalformed,
		`{"status":"success","payment_info":{"expiration_date":"now"}}`:      ErrMalformed,
		`{"status":"success","payment_id":12}`:                               ErrMalformed,
		`{"status":"a\u0000b"}`:                                              ErrMalformed,
		`{"status":"` + strings.Repeat("x", 5000) + `"}`:                     ErrMalformed,
		`{"status":"success","integration":"x"}`:                             ErrMalformed,
	} {
		got, err := ParsePayinInfo([]byte(body))
		if got != nil || !errors.Is(err, want) {
			t.Errorf("%.80s: %v, want %v", body, err, want)
		}
		if e := (*Error)(nil); !errors.As(err, &e) || !bytes.HasPrefix([]byte(body), e.Body) {
			t.Errorf("%.80s: %v does not keep the body", body, err)
		}
	}
	_, err := ParsePayinInfo([]byte(`{"payment_info":{"amount":1.5,"old_amount":"7"},"sub_status":3}`))
	for _, want := range []string{`status: missing`, `payment_info.amount: "1.5"`, "payment_info.old_amount: a string",
		"sub_status: a number"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func FuzzParsePayinInfo(f *testing.F) {
	for _, body := range []string{sampleInfo, `{"status":"success","payment_info":{"amount":1e2}}`, `[]`, `{`,
		`{"status":"x","Status":"y"}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		info, err := ParsePayinInfo(body)
		if !bytes.Equal(before, body) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if errors.Is(err, ErrUnreachable) == errors.Is(err, ErrMalformed) || info != nil {
				t.Fatalf("the error matches not exactly one of ErrUnreachable and ErrMalformed: %v", err)
			}
			return
		}
		tree := decode(t, body)
		if info.Status == "" || info.Status != tree["status"] || !bytes.Equal(info.Raw, body) {
			t.Fatalf("status %q of %s", info.Status, body)
		}
		if p := info.PaymentInfo; p != nil {
			if given := tree["payment_info"].(map[string]any)["amount"]; given != nil &&
				fmt.Sprint(p.Amount) != strings.Replace(given.(interface{ String() string }).String(), "-0", "0", 1) {
				t.Fatalf("amount %d of %v", p.Amount, given)
			}
		}
		if again, err := ParsePayinInfo(info.Raw); err != nil || !cmp.Equal(info, again) {
			t.Fatalf("parsed a second time: %v", err)
		}
	})
}

func TestPayinInfoRequest(t *testing.T) {
	c := stub(t, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.String() != DefaultBaseURL+PathPayinInfo ||
			string(body) != `{"general":{"project_id":"`+testProject+`","payment_id":"A&<ü>\"\\ 1"}}` {
			t.Errorf("%s %s", r.URL, body)
		}
		return answer(200, sampleInfo), nil
	})
	if info, err := c.PayinInfo(t.Context(), `A&<ü>"\ 1`); err != nil || info.PaymentID != testPayment {
		t.Error(info, err)
	}
}

func TestPayinInfoChecksTheID(t *testing.T) {
	sent := 0
	c := stub(t, func(*http.Request) (*http.Response, error) { sent++; return answer(200, sampleInfo), nil })
	for _, id := range []string{"", strings.Repeat("x", 256), "a\x00b", "a\xffb"} {
		if _, err := c.PayinInfo(t.Context(), id); !errors.Is(err, ErrInvalidRequest) ||
			!strings.Contains(err.Error(), "general.payment_id") {
			t.Errorf("%q: %v", id, err)
		}
	}
	if sent != 0 {
		t.Error("a request was sent")
	}
	for _, id := range []string{"x", strings.Repeat("😀", 255), "new\nline", " "} {
		if _, err := c.PayinInfo(t.Context(), id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestBalance(t *testing.T) {
	c := stub(t, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != PathBalance || string(body) != `{"general":{"project_id":"`+testProject+`"}}` {
			t.Errorf("%s %s", r.URL, body)
		}
		return answer(200, `{"balance":[{"currency":"KGS","amount":0,"locked_amount":150},{"currency":"RUB","amount":-3,`+
			`"locked_amount":null}]}`), nil
	})
	got, err := c.Balance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []Balance{{Currency: "KGS", LockedAmount: 150}, {Currency: "RUB", Amount: -3}}
	if diff := cmp.Diff(want, got.Balances); diff != "" || len(got.Raw) == 0 {
		t.Error(diff)
	}
	for body, want := range map[string]error{
		`<`: ErrUnreachable, `{}`: ErrMalformed, `{"balance":{}}`: ErrMalformed, `{"balance":[1]}`: ErrMalformed,
		`{"balance":[{"currency":"KGS"}]}`: ErrMalformed, `{"balance":[{"amount":1}]}`: ErrMalformed,
		`{"balance":[{"currency":"KGS","amount":1.0}]}`: ErrMalformed,
	} {
		if _, err := ParseBalances([]byte(body)); !errors.Is(err, want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if got, err := ParseBalances([]byte(`{"balance":[]}`)); err != nil || len(got.Balances) != 0 {
		t.Error(err)
	}
}

func BenchmarkParsePayinInfo(b *testing.B) {
	body := []byte(sampleInfo)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := ParsePayinInfo(body); err != nil {
			b.Fatal(err)
		}
	}
}
