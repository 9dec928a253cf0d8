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

// creation is the least that a creation must say.
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
	if code != 409 || !strings.Contains(answer["status_description"].(string), "PAYMENT-KGS-123456 exists already") {
		t.Errorf("the second creation is answered %d %v", code, answer)
	}
}

// Where each story leads, and when.
func TestStories(t *testing.T) {
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
	for _, story := range sandbox.Flows() {
		for field, text := range map[string]string{"payment.description": "Order 7, sandbox:" + story + " please",
			"customer.id": "sandbox:" + story} {
			g := open(t)
			body := with(with(creation(payment), "payment.lifetime", 300), field, text)
			if code, answer := g.do(g.request("widget/payin", body)); code != 200 {
				t.Fatalf("%s: answers %d %v", story, code, answer)
			}
			for after, state := range want[story] {
				g.clock.move(noon.Add(after).Sub(g.clock.now()))
				if p, _ := g.Payin(project, payment); strings.TrimSuffix(p.Status+":"+p.SubStatus, ":") != state {
					t.Errorf("%s after %s is %s:%s, want %s", story, after, p.Status, p.SubStatus, state)
				}
			}
			g.clock.move(time.Hour)
			p, _ := g.Payin(project, payment)
			if half := strings.HasPrefix(story, "appeal"); half && (p.Amount != 75_000 || p.OldAmount != 150_000) || !half &&
				p.Amount != 150_000 {
				t.Errorf("%s: amounts are %d, %d", story, p.Amount, p.OldAmount)
			}
		}
	}
	if len(want) != len(sandbox.Flows()) {
		t.Errorf("%d stories are tested, there are %v", len(want), sandbox.Flows())
	}
}

func TestStoryByDefault(t *testing.T) {
	g := open(t, func(o *sandbox.Options) { o.CreatedFlow = "no_payment" })
	g.do(g.request("widget/payin", creation(payment)))
	g.clock.move(10 * time.Minute)
	if answer := g.info(payment, 200); state(answer) != "dispute:no_payment" {
		t.Errorf("state is %s", state(answer))
	}
	code, answer := g.do(g.request("widget/payin", with(creation("b"), "customer.id", "sandbox:happy")))
	if code != 400 || !strings.Contains(answer["status_description"].(string),
		`unknown story "happy", not one of appeal,`) {
		t.Errorf("answers %d %v", code, answer)
	}
}

// The limits of each field: the last value that is taken and the first that is not.
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
		{"general.project_id", nil, map[any]string{nil: "is missing", "som": "is no UUID"}},
		{"general.merchant_callback_url", []any{"https://a.example/b?c=d", "http://127.0.0.1:8080/a", "http://[::1]/",
			"http://localhost/a", nil},
			map[any]string{"http://a.example/": "is no https URL", "a.example": "is no https URL",
				"https:///a": "is no https URL",
				"https://a.example/" + strings.Repeat("a", 2048): "longer than 2048", "ftp://127.0.0.1/": "is no https URL",
				":": "is no https URL"}},
		{"general.merchant_success_callback_url", []any{"https://a.example/"}, map[any]string{"a": "is no https URL"}},
		{"general.merchant_decline_callback_url", []any{"https://a.example/"}, map[any]string{"a": "is no https URL"}},
		{"general.redirect_url", []any{"https://a.example/"}, map[any]string{"a": "is no https URL"}},
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
		{"payment.lifetme", nil, map[any]string{300: "is not known"}},
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
		t.Error("a refused creation made a payin")
	}
}

func TestOfManyCreationsAtOnceOneWins(t *testing.T) {
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
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
	if g.Stats().Payins != 1 {
		t.Errorf("%d payins", g.Stats().Payins)
	}
}
