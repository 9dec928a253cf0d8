package sandbox_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp/sandbox"
)

// creation returns a create request with only the required fields.
func creation(paymentID string) object {
	return object{
		"general":  object{"project_id": project, "payment_id": paymentID},
		"payment":  object{"amount": 150_000, "currency": "KGS"},
		"customer": object{"id": "customer-7"},
	}
}

func with(body object, path string, value any) object {
	section, name, _ := strings.Cut(path, ".")
	if body[section] == nil {
		body[section] = object{}
	}
	body[section].(object)[name] = value
	return body
}

func TestCreate(t *testing.T) {
	g := open(t)
	body := with(creation(payment), "general.redirect_url", "https://shop.example/order")
	code, answer := g.do(g.request("widget/payin", body))
	if code != 200 {
		t.Fatalf("answers %d %v", code, answer)
	}
	p, _ := g.Payin(project, payment)
	form, _ := answer["integration"].(object)["form_url"].(string)
	want := object{
		"status": "processing", "sub_status": "new", "status_description": nil, "request_id": p.RequestID,
		"project_id": project, "payment_id": payment,
		"integration": object{"form_url": form, "redirect_url": "https://shop.example/order"},
	}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(form, "https://ppage.hh-processing.com/widget/") {
		t.Errorf("form_url is %s", form)
	}
	code, answer = g.do(g.request("widget/payin", body))
	if code != 409 || !strings.Contains(answer["status_description"].(string), "PAYMENT-KGS-123456 already exists") {
		t.Errorf("the second creation got %d %v", code, answer)
	}
}

// TestFlows checks the states of each flow and the times at which the states begin.
func TestFlows(t *testing.T) {
	type moments = map[time.Duration]string
	early := func(more moments) moments {
		more[0], more[2*time.Second], more[5*time.Second] = "processing:new", "processing:requisites",
			"processing:awaiting_confirm"
		return more
	}
	want := map[string]moments{
		"success":        early(moments{30 * time.Second: "processing:paid", 40 * time.Second: "success"}),
		"appeal":         early(moments{40 * time.Second: "success"}),
		"appeal_dispute": early(moments{40 * time.Second: "dispute:different_amount"}),
		"decline":        early(moments{40 * time.Second: "decline"}),
		"error":          early(moments{40 * time.Second: "error"}),
		"requisites":     early(moments{40 * time.Second: "dispute:incorrect_requisites"}),
		"no_payment": early(moments{299 * time.Second: "processing:awaiting_confirm",
			300 * time.Second: "dispute:no_payment"}),
		"confirm_timeout": early(moments{299 * time.Second: "processing:awaiting_confirm",
			300 * time.Second: "dispute:confirm_timeout"}),
		"stuck": early(moments{48 * time.Hour: "processing:awaiting_confirm"}),
	}
	for _, flow := range sandbox.Flows() {
		for field, text := range map[string]string{"payment.description": "Order 7, sandbox:" + flow + " please",
			"customer.id": "sandbox:" + flow} {
			g := open(t)
			body := with(with(creation(payment), "payment.lifetime", 300), field, text)
			if code, answer := g.do(g.request("widget/payin", body)); code != 200 {
				t.Fatalf("%s: answers %d %v", flow, code, answer)
			}
			for after, state := range want[flow] {
				g.clock.move(noon.Add(after).Sub(g.clock.now()))
				if p, _ := g.Payin(project, payment); strings.TrimSuffix(p.Status+":"+p.SubStatus, ":") != state {
					t.Errorf("%s after %s is %s:%s, want %s", flow, after, p.Status, p.SubStatus, state)
				}
			}
			g.clock.move(time.Hour)
			p, _ := g.Payin(project, payment)
			if half := strings.HasPrefix(flow, "appeal"); half && (p.Amount != 75_000 || p.OldAmount != 150_000) || !half &&
				p.Amount != 150_000 {
				t.Errorf("%s: amounts are %d, %d", flow, p.Amount, p.OldAmount)
			}
		}
	}
	if len(want) != len(sandbox.Flows()) {
		t.Errorf("%d flows are tested, want %v", len(want), sandbox.Flows())
	}
}

func TestDefaultFlow(t *testing.T) {
	g := open(t, func(o *sandbox.Options) { o.CreatedFlow = "no_payment" })
	g.do(g.request("widget/payin", creation(payment)))
	g.clock.move(10 * time.Minute)
	if answer := g.info(payment, 200); state(answer) != "dispute:no_payment" {
		t.Errorf("state is %s", state(answer))
	}
	code, answer := g.do(g.request("widget/payin", with(creation("b"), "customer.id", "sandbox:happy")))
	if code != 400 || !strings.Contains(answer["status_description"].(string),
		`unknown flow "happy", want one of appeal,`) {
		t.Errorf("answers %d %v", code, answer)
	}
}

// TestFieldsOfCreate tests each field with its last valid value and its first invalid value.
func TestFieldsOfCreate(t *testing.T) {
	g := open(t)
	long := func(n int) string { return strings.Repeat("я", n) }
	const text, number = "is not a string", "is not a whole number from"
	for _, tt := range []struct {
		path string
		good []any
		bad  map[any]string
	}{
		{"general.payment_id", []any{long(255)}, map[any]string{long(256): "more than 255", "": "is empty", 7: text}},
		{"general.project_id", nil, map[any]string{nil: "is missing", "som": "is not a UUID"}},
		{"general.merchant_callback_url", []any{"https://a.example/b?c=d", "http://127.0.0.1:8080/a", "http://[::1]/",
			"http://localhost/a", nil},
			map[any]string{"http://a.example/": "is not an https URL", "a.example": "is not an https URL",
				"https:///a": "is not an https URL",
				"https://a.example/" + strings.Repeat("a", 2048): "longer than 2048", "ftp://127.0.0.1/": "is not an https URL",
				":": "is not an https URL"}},
		{"general.merchant_success_callback_url", []any{"https://a.example/"}, map[any]string{"a": "is not an https URL"}},
		{"general.merchant_decline_callback_url", []any{"https://a.example/"}, map[any]string{"a": "is not an https URL"}},
		{"general.redirect_url", []any{"https://a.example/"}, map[any]string{"a": "is not an https URL"}},
		{"payment.amount", []any{1, int64(10_000_000_000_000)},
			map[any]string{0: number, -1: number, int64(10_000_000_000_001): number, 1.5: number, "100": "is not a number",
				nil: "is missing"}},
		{"payment.currency", []any{"KGS"}, map[any]string{"kgs": "does not match", "KG": "does not match",
			"KGSS": "does not match", nil: "is missing"}},
		{"payment.lifetime", []any{300, 600, nil}, map[any]string{299: number, 601: number}},
		{"payment.description", []any{long(255)}, map[any]string{long(256): "more than 255"}},
		{"payment.extra_param", []any{"aZ_-0123456789ab"},
			map[any]string{"aZ_-0123456789abc": "does not match", "a b": "does not match", "a\n": "does not match"}},
		{"payment.widget_method", []any{"payin-p2p-card", long(32)}, map[any]string{long(33): "more than 32"}},
		{"sender.bank_symbol", []any{long(32)}, map[any]string{long(33): "more than 32"}},
		{"customer.id", []any{long(255)}, map[any]string{long(256): "more than 255", nil: "is missing"}},
		{"customer.ip_address", []any{"127.0.0.1"}, map[any]string{long(256): "more than 255"}},
		{"customer.country", []any{"KG"}, map[any]string{"KGZ": "does not match"}},
		{"customer.language", []any{"ky"}, map[any]string{"KY": "does not match"}},
		{"customer.customer_type", []any{"ftd", "trust"}, map[any]string{"vip": "does not match"}},
		{"customer.email", []any{"a@b.example"}, map[any]string{long(256): "more than 255", true: text}},
		{"payment.lifetme", nil, map[any]string{300: "is unknown"}},
	} {
		for i, value := range tt.good {
			body := with(creation(tt.path+string(rune('a'+i))), tt.path, value)
			if code, answer := g.do(g.request("widget/payin", body)); code != 200 {
				t.Errorf("%s %.40v: answers %d %v", tt.path, value, code, answer)
			}
		}
		for value, says := range tt.bad {
			code, answer := g.do(g.request("widget/payin", with(creation("bad"), tt.path, value)))
			got, _ := answer["status_description"].(string)
			if code != 400 || !strings.Contains(got, "field "+tt.path+" ") || !strings.Contains(got, says) {
				t.Errorf("%s %.40v: answers %d %q, want 400 and %q", tt.path, value, code, got, says)
			}
		}
	}
	if _, found := g.Payin(project, "bad"); found {
		t.Error("a rejected creation stored a payin")
	}
}

func TestOneOfSimultaneousCreationsSucceeds(t *testing.T) {
	g := open(t)
	var (
		group     sync.WaitGroup
		won, lost atomic.Int64
	)
	for range 16 {
		r := g.request("widget/payin", creation(payment))
		group.Go(func() {
			switch code, _ := g.do(r); code {
			case 200:
				won.Add(1)
			case 409:
				lost.Add(1)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 || lost.Load() != 15 {
		t.Errorf("%d succeeded, %d failed", won.Load(), lost.Load())
	}
	if g.Stats().Payins != 1 {
		t.Errorf("%d payins", g.Stats().Payins)
	}
}
