package highhelp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseAlert(t *testing.T) {
	got, err := ParseAlert([]byte(sampleAlert))
	if err != nil {
		t.Fatal(err)
	}
	want := &Alert{
		ProjectID: testProject, RequestID: "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", PaymentID: testPayment, Status: "success",
		PaymentInfo: &PaymentInfo{
			Amount: 7000, OldAmount: 5000, InitialAmount: 3000, Currency: "KGS", Lifetime: 300, ExpirationDate: 1721647251,
			CreatedDate: 1721647251, UpdatedDate: 1721647251, Method: "card-p2p", WidgetMethod: "payin-p2p-card", Type: "payin",
		},
		Raw: []byte(sampleAlert),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if key := got.IdempotencyKey(); key != testProject+":PAYMENT-KGS-123456:success:" {
		t.Error(key)
	}

	got, err = ParseAlert([]byte(`{"project_id":"p","general":{"payment_id":"x"},"status":{"status":"processing","sub_status":"paid"},
		"recipient_requisites":{"pan":"4111 **** 1111"},"payment_system":null}`))
	if err != nil || got.PaymentInfo != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if key := got.IdempotencyKey(); key != "p:x:processing:paid" {
		t.Error(key)
	}
	if got, err := ParseAlert([]byte(`{"project_id":"p","general":{"payment_id":"x"},"status":{"status":"decline"},"payment_system":"elcart"}`)); err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestParseAlertRefuses(t *testing.T) {
	for _, body := range []string{
		``, `<html>`, `[]`, `{}`, sampleAlert[:200], sampleAlert + sampleAlert, sampleInfo,
		strings.Replace(sampleAlert, `"payment_id":"PAYMENT-KGS-123456"`, `"payment_id":null`, 1),
		strings.Replace(sampleAlert, `"amount":7000`, `"amount":7000.0`, 1),
		strings.Replace(sampleAlert, `"amount":7000`, `"amount":7000,"amount":9000`, 1),
		strings.Replace(sampleAlert, `{"status":"success","sub_status":null,"status_description":null}`, `"success"`, 1),
		strings.Replace(sampleAlert, `"success"`, `""`, 1),
		strings.Replace(sampleAlert, `{"project_id"`, `{"project_ids"`, 1),
	} {
		if got, err := ParseAlert([]byte(body)); got != nil || !errors.Is(err, ErrMalformed) || errors.Is(err, ErrUnreachable) {
			t.Errorf("%.60s: %v", body, err)
		}
	}
}

func signedAlert(t testing.TB, v Variant, body string) (http.Header, AlertKey) {
	t.Helper()
	signing := Signing{Variant: v, PrivateKey: testKey(), Secret: []byte("callback key")}
	signature, err := signing.Sign([]byte(body), vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	h.Set(HeaderTimestamp, fmt.Sprint(vectorTime))
	h.Set(HeaderSignature, signature)
	return h, AlertKey{Variant: v, PublicKey: &testKey().PublicKey, Secret: []byte("callback key")}
}

// With nulls in the body and a text of this length, every variant verifies its own
// signature and no other's.
func TestVerifyAlertVariants(t *testing.T) {
	body := strings.Replace(sampleAlert, "PAYMENT-KGS-123456", "PAYMENT-KGS-1234567", 1)
	all := AlertVariants(true, true)
	for _, signed := range all {
		h, key := signedAlert(t, signed, body)
		accepted := 0
		for _, key.Variant = range all {
			err := VerifyAlert([]byte(body), h, key)
			if err == nil {
				accepted++
			}
			if (err == nil) != sameText(t, body, key.Variant, signed) || err != nil && !errors.Is(err, ErrBadSignature) {
				t.Errorf("signed as %s, verified as %s: %v", signed, key.Variant, err)
			}
		}
		if accepted == 0 || accepted > 2 {
			t.Errorf("%s: %d variants accept it", signed, accepted)
		}
	}
}

// sameText is true where two variants sign the very same: padding may vanish.
func sameText(t *testing.T, body string, a, b Variant) bool {
	textA, _ := a.text([]byte(body))
	textB, _ := b.text([]byte(body))
	a.Null, b.Null, a.Padding, b.Padding = "", "", false, false
	return textA == textB && a == b
}

func TestVerifyAlertRefuses(t *testing.T) {
	for _, v := range []Variant{{}, {Algorithm: AlgorithmHMAC}, {Algorithm: AlgorithmHMAC, Encoding: EncodingHex}} {
		h, key := signedAlert(t, v, sampleAlert)
		if err := VerifyAlert([]byte(sampleAlert), h, key); err != nil {
			t.Fatal(err)
		}
		with := func(name, value string) http.Header {
			c := h.Clone()
			c.Set(name, value)
			return c
		}
		for name, h := range map[string]http.Header{
			"no headers": {}, "another time": with(HeaderTimestamp, "1706182848"), "no time": with(HeaderTimestamp, ""),
			"time in ms": with(HeaderTimestamp, "1706182847000"), "signed time": with(HeaderTimestamp, "+170618284"), "nine digits": with(HeaderTimestamp, "170618284"),
			"no signature": with(HeaderSignature, ""), "not base64": with(HeaderSignature, "!!!"), "zeroes": with(HeaderSignature, "AAAA"),
			"two signatures": {"X-Access-Signature": {h.Get(HeaderSignature), h.Get(HeaderSignature)}, "X-Access-Timestamp": {"1706182847"}},
			"cut":            with(HeaderSignature, h.Get(HeaderSignature)[:40]),
		} {
			if err := VerifyAlert([]byte(sampleAlert), h, key); !errors.Is(err, ErrBadSignature) {
				t.Errorf("%s, %s: %v", v, name, err)
			}
		}
		for _, body := range []string{"", "[]", strings.Replace(sampleAlert, "7000", "7001", 1), sampleAlert + "{}", strings.Replace(sampleAlert, `"amount":7000`, `"amount":1,"amount":7000`, 1)} {
			if err := VerifyAlert([]byte(body), h, key); !errors.Is(err, ErrBadSignature) {
				t.Errorf("%s, %.40s: %v", v, body, err)
			}
		}
		for _, key := range []AlertKey{{}, {Variant: v}, {Variant: Variant{Algorithm: "none"}, PublicKey: key.PublicKey, Secret: key.Secret}} {
			if err := VerifyAlert([]byte(sampleAlert), h, key); !errors.Is(err, ErrBadSignature) {
				t.Errorf("%s: %v", key, err)
			}
		}
		// A header does not choose the algorithm.
		other := key
		other.Variant = Variant{Algorithm: AlgorithmHMAC, Digest: DigestSHA256}
		if err := VerifyAlert([]byte(sampleAlert), with(HeaderAlgorithm, v.filled().Algorithm), other); !errors.Is(err, ErrBadSignature) {
			t.Errorf("%s: %v", v, err)
		}
	}
}

// The same members in another order are the same text; a number counts as written.
func TestVerifyAlertTakesOtherSpellings(t *testing.T) {
	h, key := signedAlert(t, Variant{}, sampleAlert)
	if err := VerifyAlert(shuffled(decode(t, []byte(sampleAlert))), h, key); err != nil {
		t.Error(err)
	}
	if err := VerifyAlert([]byte(strings.Replace(sampleAlert, "7000", "7000.0", 1)), h, key); err == nil {
		t.Error("another spelling of a number was taken")
	}
	raw, _ := base64.RawURLEncoding.DecodeString(h.Get(HeaderSignature))
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
		h.Set(HeaderSignature, enc.EncodeToString(raw))
		if err := VerifyAlert([]byte(sampleAlert), h, key); err != nil {
			t.Error(err)
		}
	}
}

func TestAlertTime(t *testing.T) {
	h := http.Header{}
	h.Set(HeaderTimestamp, "1706182847")
	if at, err := AlertTime(h); err != nil || !at.Equal(time.Date(2024, 1, 25, 11, 40, 47, 0, time.UTC)) {
		t.Error(at, err)
	}
	h.Set(HeaderTimestamp, "soon")
	if _, err := AlertTime(h); !errors.Is(err, ErrBadSignature) {
		t.Error(err)
	}
}

// A version is another one where, and only where, payment_info says something else.
func TestAlertVersion(t *testing.T) {
	version := func(body string) string {
		alert, err := ParseAlert([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return alert.Version()
	}
	sample := version(sampleAlert)
	for what, body := range map[string]string{
		"another order": string(shuffled(decode(t, []byte(sampleAlert)))),
		"white space":   strings.ReplaceAll(sampleAlert, ",", " , "),
		"another text":  strings.Replace(sampleAlert, `"status_description":null`, `"status_description":"paid"`, 1),
	} {
		if version(body) != sample {
			t.Errorf("%s makes another version", what)
		}
	}
	for what, body := range map[string]string{
		"another amount": strings.Replace(sampleAlert, `"amount":7000`, `"amount":7001`, 1),
		"another moment": strings.Replace(sampleAlert, `"updated_date":1721647251`, `"updated_date":1721647252`, 1),
		"a new member":   strings.Replace(sampleAlert, `"type":"payin"`, `"type":"payin","fee":1`, 1),
	} {
		if version(body) == sample {
			t.Errorf("%s is the same version", what)
		}
	}
	if version(`{"project_id":"p","general":{"payment_id":"x"},"status":{"status":"s"}}`) !=
		version(`{"project_id":"p","general":{"payment_id":"x"},"status":{"status":"s"},"payment_info":null}`) {
		t.Error("null is not as good as missing")
	}
}

func FuzzParseAlert(f *testing.F) {
	for _, body := range []string{sampleAlert, sampleInfo, `{}`, `{"project_id":"p","general":{"payment_id":"x"},"status":{"status":"s"},"payment_system":[1,{}]}`} {
		f.Add([]byte(body))
	}
	key := AlertKey{Variant: Variant{Algorithm: AlgorithmHMAC}, Secret: []byte("callback key")}
	f.Fuzz(func(t *testing.T, body []byte) {
		signature, err := Signing{Variant: key.Variant, Secret: key.Secret}.Sign(body, vectorTime)
		if err == nil {
			if err := key.Verify(body, fmt.Sprint(vectorTime), signature); err != nil {
				t.Fatalf("refuses its own signature: %v", err)
			}
		}
		alert, perr := ParseAlert(body)
		if perr != nil {
			if !errors.Is(perr, ErrMalformed) || errors.Is(perr, ErrUnreachable) {
				t.Fatal(perr)
			}
			return
		}
		if err != nil {
			t.Fatalf("parsed what cannot be signed: %v", err)
		}
		if alert.PaymentID == "" || alert.ProjectID == "" || alert.Status == "" || !bytes.Equal(alert.Raw, body) || strings.Count(alert.IdempotencyKey(), ":") < 3 {
			t.Fatalf("%+v", alert)
		}
	})
}
