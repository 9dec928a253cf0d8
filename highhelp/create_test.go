package highhelp

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreatePayin(t *testing.T) {
	full := &CreatePayin{
		PaymentID: testPayment, CallbackURL: "https://m.example/a?b=c&d=e", SuccessCallbackURL: "https://m.example/s",
		DeclineCallbackURL: "https://m.example/d", RedirectURL: "https://m.example/r",
		Amount: MaxAmount, Currency: "KGS", Lifetime: 300, Description: "шесть", ExtraParam: "a_B-9",
		WidgetMethod: "payin-p2p-card",
		BankSymbol:   "mbank",
		Customer: Customer{ID: "c-1", IPAddress: "192.0.2.1", Country: "KG", Language: "ky", Type: "ftd",
			Email: "a@b.example"},
	}
	for _, tt := range []struct {
		payin *CreatePayin
		want  string
	}{
		{newPayin(), `{"general":{"project_id":"` + testProject +
			`","payment_id":"PAYMENT-KGS-123456"},"payment":{"amount":150000,"currency":"KGS"},"customer":{"id":"c-1"}}`},
		{full, `{"general":{"project_id":"` + testProject +
			`","payment_id":"PAYMENT-KGS-123456","merchant_callback_url":"https://m.example/a?b=c&d=e",` +
			`"merchant_success_callback_url":"https://m.example/s","merchant_decline_callback_url":"https://m.example/d",` +
			`"redirect_url":"https://m.example/r"},` +
			`"payment":{"amount":10000000000000,"currency":"KGS","lifetime":300,"description":"шесть","extra_param":"a_B-9",` +
			`"widget_method":"payin-p2p-card"},` +
			`"sender":{"bank_symbol":"mbank"},"customer":{"id":"c-1","ip_address":"192.0.2.1","country":"KG","language":"ky",` +
			`"customer_type":"ftd","email":"a@b.example"}}`},
	} {
		c := stub(t, func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			if r.URL.Path != PathCreatePayin || string(body) != tt.want {
				t.Errorf("%s %s\nwant %s", r.URL.Path, body, tt.want)
			}
			if bytes.Contains(body, []byte("null")) || len(decode(t, body)) < 3 {
				t.Errorf("%s", body)
			}
			return answer(200, sampleInfo), nil
		})
		got, err := c.CreatePayin(t.Context(), tt.payin)
		if err != nil {
			t.Fatal(err)
		}
		want := &PayinInfo{
			Status: "processing", SubStatus: "awaiting_confirm", RequestID: "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3",
			ProjectID: testProject, PaymentID: testPayment, Raw: []byte(sampleInfo), Integration: got.Integration,
		}
		if diff := cmp.Diff(want, got); diff != "" || got.Integration == nil {
			t.Error(diff)
		}
	}
}

func TestValidate(t *testing.T) {
	long := func(n int) string { return strings.Repeat("😀", n) }
	url := func(n int) string { return "https://m.example/" + strings.Repeat("x", n-18) }
	for field, sides := range map[string]struct{ good, bad []func(p *CreatePayin) }{
		"general.payment_id": {
			[]func(p *CreatePayin){func(p *CreatePayin) { p.PaymentID = long(255) },
				func(p *CreatePayin) { p.PaymentID = ";:\n" }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.PaymentID = "" }, func(p *CreatePayin) { p.PaymentID = long(256) },
				func(p *CreatePayin) { p.PaymentID = "\x00" }, func(p *CreatePayin) { p.PaymentID = "\xff" }},
		},
		"general.merchant_callback_url": {
			[]func(p *CreatePayin){func(p *CreatePayin) { p.CallbackURL = url(2048) }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.CallbackURL = url(2049) },
				func(p *CreatePayin) { p.CallbackURL = "http://m.example" },
				func(p *CreatePayin) { p.CallbackURL = "https://" }, func(p *CreatePayin) { p.CallbackURL = "m.example" }},
		},
		"general.merchant_success_callback_url": {nil,
			[]func(p *CreatePayin){func(p *CreatePayin) { p.SuccessCallbackURL = "x" }}},
		"general.merchant_decline_callback_url": {nil,
			[]func(p *CreatePayin){func(p *CreatePayin) { p.DeclineCallbackURL = "x" }}},
		"general.redirect_url": {nil,
			[]func(p *CreatePayin){func(p *CreatePayin) { p.RedirectURL = "javascript:alert(1)" }}},
		"payment.amount": {
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Amount = 1 },
				func(p *CreatePayin) { p.Amount = 10_000_000_000_000 }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Amount = 0 }, func(p *CreatePayin) { p.Amount = -1 },
				func(p *CreatePayin) { p.Amount = 10_000_000_000_001 }},
		},
		"payment.currency": {nil, []func(p *CreatePayin){func(p *CreatePayin) { p.Currency = "" },
			func(p *CreatePayin) { p.Currency = "kgs" }, func(p *CreatePayin) { p.Currency = "KGS\n" }}},
		"payment.lifetime": {
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Lifetime = 300 }, func(p *CreatePayin) { p.Lifetime = 600 }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Lifetime = 299 }, func(p *CreatePayin) { p.Lifetime = 601 },
				func(p *CreatePayin) { p.Lifetime = -1 }},
		},
		"payment.description": {[]func(p *CreatePayin){func(p *CreatePayin) { p.Description = long(255) }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Description = long(256) }}},
		"payment.extra_param": {[]func(p *CreatePayin){func(p *CreatePayin) { p.ExtraParam = "ABCDEFGHIJKLMN_-" }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.ExtraParam = "ABCDEFGHIJKLMN_-x" },
				func(p *CreatePayin) { p.ExtraParam = "ы" }}},
		"payment.widget_method": {[]func(p *CreatePayin){func(p *CreatePayin) { p.WidgetMethod = long(32) }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.WidgetMethod = long(33) }}},
		"sender.bank_symbol": {[]func(p *CreatePayin){func(p *CreatePayin) { p.BankSymbol = long(32) }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.BankSymbol = long(33) }}},
		"customer.id": {[]func(p *CreatePayin){func(p *CreatePayin) { p.Customer.ID = long(255) }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Customer.ID = "" },
				func(p *CreatePayin) { p.Customer.ID = long(256) }}},
		"customer.ip_address": {nil, []func(p *CreatePayin){func(p *CreatePayin) { p.Customer.IPAddress = long(256) }}},
		"customer.country":    {nil, []func(p *CreatePayin){func(p *CreatePayin) { p.Customer.Country = "kg" }}},
		"customer.language":   {nil, []func(p *CreatePayin){func(p *CreatePayin) { p.Customer.Language = "KY" }}},
		"customer.customer_type": {
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Customer.Type = "trust" }},
			[]func(p *CreatePayin){func(p *CreatePayin) { p.Customer.Type = "ftd " },
				func(p *CreatePayin) { p.Customer.Type = "trusted" }},
		},
		"customer.email": {nil, []func(p *CreatePayin){func(p *CreatePayin) { p.Customer.Email = long(256) },
			func(p *CreatePayin) { p.Customer.Email = "a\xff" }}},
	} {
		for i, change := range sides.good {
			p := newPayin()
			change(p)
			if err := p.Validate(); err != nil {
				t.Errorf("%s, valid value %d: %v", field, i, err)
			}
		}
		for i, change := range sides.bad {
			p := newPayin()
			change(p)
			if err := p.Validate(); !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), field+" must ") ||
				strings.Count(err.Error(), " must ") != 1 {
				t.Errorf("%s, invalid value %d: %v", field, i, err)
			}
		}
	}
}

func TestValidateNamesAllFaultsAndNothingIsSent(t *testing.T) {
	c := stub(t, func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return answer(200, sampleInfo), nil
	})
	for want, p := range map[int]*CreatePayin{4: {},
		3: {PaymentID: "a", Currency: "x", Customer: Customer{ID: "1", Country: "x"}}, 0: nil} {
		_, err := c.CreatePayin(t.Context(), p)
		if !errors.Is(err, ErrInvalidRequest) || strings.Count(err.Error(), " must ") != want {
			t.Errorf("%d faults, want %d: %v", strings.Count(err.Error(), " must "), want, err)
		}
	}
}
