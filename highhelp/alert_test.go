package highhelp

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

	got, err = ParseAlert([]byte(`{"project_id":"p","general":{"payment_id":"x"},` +
		`"status":{"status":"processing","sub_status":"paid"},
		"recipient_requisites":{"pan":"4111 **** 1111"},"payment_system":null}`))
	if err != nil || got.PaymentInfo != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := ParseAlert([]byte(`{"project_id":"p","general":{"payment_id":"x"},"status":{"status":"decline"},` +
		`"payment_system":"elcart"}`)); err != nil {
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
		if got, err := ParseAlert([]byte(body)); got != nil || !errors.Is(err, ErrMalformed) ||
			errors.Is(err, ErrUnreachable) {
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

// TestVerifyAlertVariants signs an alert with one variant and verifies it with another, for each pair of
// variants. The body contains nulls, and the length of its text needs padding. Each variant therefore accepts
// only its own signatures.
func TestVerifyAlertVariants(t *testing.T) {
	body := strings.Replace(sampleAlert, "PAYMENT-KGS-123456", "PAYMENT-KGS-1234567", 1)
	all := AlertVariants(true, true)
	for _, signed := range all {
		h, key := signedAlert(t, signed, body)
		accepted := 0
		for _, key.Variant = range all {
			_, err := VerifyAlert([]byte(body), h, key)
			if err == nil {
				accepted++
			}
			if (err == nil) != sameText(t, body, key.Variant, signed) || err != nil && !errors.Is(err, ErrBadSignature) {
				t.Errorf("signed as %s, verified as %s: %v", signed, key.Variant, err)
			}
		}
		if accepted == 0 || accepted > 2 {
			t.Errorf("%s: %d variants accept the signature, want 1", signed, accepted)
		}
	}
}

// sameText reports whether two variants differ only in Null and Padding, and sign the same text of the body.
func sameText(t *testing.T, body string, a, b Variant) bool {
	textA, _ := a.text([]byte(body))
	textB, _ := b.text([]byte(body))
	a.Null, b.Null, a.Padding, b.Padding = "", "", false, false
	return textA == textB && a == b
}

func TestVerifyAlertRefuses(t *testing.T) {
	for _, v := range []Variant{{}, {Algorithm: AlgorithmHMAC}, {Algorithm: AlgorithmHMAC, Encoding: EncodingHex}} {
		h, key := signedAlert(t, v, sampleAlert)
		if _, err := VerifyAlert([]byte(sampleAlert), h, key); err != nil {
			t.Fatal(err)
		}
		with := func(name, value string) http.Header {
			c := h.Clone()
			c.Set(name, value)
			return c
		}
		for name, h := range map[string]http.Header{
			"no headers": {}, "another time": with(HeaderTimestamp, "1706182848"), "no time": with(HeaderTimestamp, ""),
			"time in ms": with(HeaderTimestamp, "1706182847000"), "signed time": with(HeaderTimestamp, "+170618284"),
			"nine digits":  with(HeaderTimestamp, "170618284"),
			"no signature": with(HeaderSignature, ""), "not base64": with(HeaderSignature, "!!!"),
			"zeroes": with(HeaderSignature, "AAAA"),
			"two signatures": {"X-Access-Signature": {h.Get(HeaderSignature), h.Get(HeaderSignature)},
				"X-Access-Timestamp": {"1706182847"}},
			"cut": with(HeaderSignature, h.Get(HeaderSignature)[:40]),
		} {
			if _, err := VerifyAlert([]byte(sampleAlert), h, key); !errors.Is(err, ErrBadSignature) {
				t.Errorf("%s, %s: %v", v, name, err)
			}
		}
		for _, body := range []string{"", "[]", strings.Replace(sampleAlert, "7000", "7001", 1), sampleAlert + "{}",
			strings.Replace(sampleAlert, `"amount":7000`, `"amount":1,"amount":7000`, 1)} {
			if _, err := VerifyAlert([]byte(body), h, key); !errors.Is(err, ErrBadSignature) {
				t.Errorf("%s, %.40s: %v", v, body, err)
			}
		}
		for _, key := range []AlertKey{{}, {Variant: v},
			{Variant: Variant{Algorithm: "none"}, PublicKey: key.PublicKey, Secret: key.Secret}} {
			if _, err := VerifyAlert([]byte(sampleAlert), h, key); !errors.Is(err, ErrBadSignature) {
				t.Errorf("%s: %v", key, err)
			}
		}
		// The algorithm header does not select the algorithm.
		other := key
		other.Variant = Variant{Algorithm: AlgorithmHMAC, Digest: DigestSHA256}
		if _, err := VerifyAlert([]byte(sampleAlert), with(HeaderAlgorithm, v.filled().Algorithm), other); !errors.Is(err,
			ErrBadSignature) {
			t.Errorf("%s: %v", v, err)
		}
	}
}

// TestVerifyAlertEquivalentBodies verifies one signature with the signed body in other forms. Reordered members have
// the same signed text. A number in another form has a different text.
func TestVerifyAlertEquivalentBodies(t *testing.T) {
	h, key := signedAlert(t, Variant{}, sampleAlert)
	if _, err := VerifyAlert(shuffled(decode(t, []byte(sampleAlert))), h, key); err != nil {
		t.Error(err)
	}
	if _, err := VerifyAlert([]byte(strings.Replace(sampleAlert, "7000", "7000.0", 1)), h, key); err == nil {
		t.Error("a number written differently is accepted")
	}
	raw, _ := base64.RawURLEncoding.DecodeString(h.Get(HeaderSignature))
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
		h.Set(HeaderSignature, enc.EncodeToString(raw))
		if _, err := VerifyAlert([]byte(sampleAlert), h, key); err != nil {
			t.Error(err)
		}
	}
}

// mutations returns other bodies that have the same signed text as a body.
func mutations(t *testing.T, body string) []string {
	t.Helper()
	object, _ := parseObject([]byte(body))
	lines, err := object.lines(NullNone)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{
		string(shuffled(decode(t, []byte(body)))), strings.ReplaceAll(body, ",", " ,\n "),
		strings.Replace(body, "PAYMENT", `\u0050AYMENT`, 1),
	}
	change := func(f func(tree map[string]any)) {
		tree := decode(t, []byte(body))
		f(tree)
		all = append(all, string(marshal(tree)))
	}
	for _, empty := range []any{map[string]any{}, []any{}, []any{[]any{}, map[string]any{"x": []any{}}}} {
		change(func(tree map[string]any) { tree["x"] = empty })
		change(func(tree map[string]any) { tree["general"].(map[string]any)["payment"] = empty })
	}
	// memberOf returns the object that contains the member of a line, and the member's name and value.
	memberOf := func(tree map[string]any, line string) (map[string]any, string, string) {
		parts := strings.SplitN(line, ":", 3)
		if inner, ok := tree[parts[0]].(map[string]any); ok && len(parts) == 3 {
			return inner, parts[1], parts[2]
		}
		return tree, parts[0], strings.Join(parts[1:], ":")
	}
	for i, line := range lines {
		for _, as := range []func(string) any{
			func(v string) any { return v },                     // the value as a string
			func(v string) any { return map[string]any{"": v} }, // VerifyAlert rejects this body: its text has one more ":"
			func(v string) any { return json.RawMessage(`"\u00` + fmt.Sprintf("%02x", v[0]) + v[1:] + `"`) },
		} {
			change(func(tree map[string]any) {
				object, name, value := memberOf(tree, line)
				object[name] = as(value)
			})
		}
		change(func(tree map[string]any) { // the whole path becomes the member's name
			object, name, _ := memberOf(tree, line)
			value := object[name]
			delete(object, name)
			tree[line[:strings.LastIndex(line, ":")]] = value
		})
		for upTo := i + 1; upTo < len(lines); upTo++ { // the value includes the lines of the next members
			change(func(tree map[string]any) {
				for _, next := range lines[i+1 : upTo+1] {
					object, name, _ := memberOf(tree, next)
					delete(object, name)
				}
				object, name, value := memberOf(tree, line)
				object[name] = value + ";" + strings.Join(lines[i+1:upTo+1], ";")
			})
		}
	}
	return slices.DeleteFunc(all, func(one string) bool {
		other, err := Normalise([]byte(one), "")
		return err != nil || other != strings.Join(lines, ";")
	})
}

// TestVerifyAlertProvesOneAlert checks that every other body with the same signed text is rejected or has the same
// meaning.
func TestVerifyAlertProvesOneAlert(t *testing.T) {
	for _, body := range []string{
		sampleAlert,
		strings.Replace(sampleAlert, `"status_description":null`, `"status_description":"No; see: terms; x"`, 1),
		strings.Replace(sampleAlert, `"status_description":null`, `"fee":1`, 1),
	} {
		h, key := signedAlert(t, Variant{}, body)
		digest, err := VerifyAlert([]byte(body), h, key)
		if err != nil || len(digest) != 64 {
			t.Fatal(digest, err)
		}
		said, _ := ParseAlert([]byte(body))
		all, same := mutations(t, body), 0
		for _, one := range all {
			other, err := VerifyAlert([]byte(one), h, key)
			if err != nil {
				if !errors.Is(err, ErrBadSignature) || other != "" {
					t.Errorf("%s: %v", one, err)
				}
				continue
			}
			same++
			says, err := ParseAlert([]byte(one))
			if err != nil {
				t.Fatalf("%s: %v", one, err)
			}
			says.Raw, said.Raw, says.StatusDescription = nil, nil, said.StatusDescription
			if diff := cmp.Diff(said, says); diff != "" || other != digest {
				t.Errorf("%s: the signature also proves another alert: %s", one, diff)
			}
		}
		if len(all) < 150 || same < 9 || same > 50 {
			t.Errorf("%d mutations, %d of them mean the same", len(all), same)
		}
	}
}

// TestVerifyAlertRefusesIDs checks that an alert is rejected if an ID contains ":" or ";", or a string looks like a
// null.
func TestVerifyAlertRefusesIDs(t *testing.T) {
	for old, changed := range map[string]string{
		`"PAYMENT-`: `"PAYMENT;`, `-KGS-`: `:`, `KGS-1`: `\n`, `"16a1`: `"16;`, `"57af`: `"57:`,
		`"PAYMENT-KGS-123456"`: `"None"`, `"sub_status":null`: `"sub_status":"None"`,
		`"amount":7000`: `"amount":true`, `"project_id"`: `"project:id":1,"project_id"`,
	} {
		body := strings.Replace(sampleAlert, old, changed, 1)
		h, key := signedAlert(t, Variant{}, body)
		if _, err := VerifyAlert([]byte(body), h, key); !errors.Is(err, ErrBadSignature) {
			t.Errorf("%s: %v", changed, err)
		}
	}
	// A body that cannot be parsed is accepted if the signature belongs only to this body.
	for old, changed := range map[string]string{
		`"status":"success"`: `"state":"success"`, "7000": "7000.0", `"PAYMENT-KGS-123456"`: "null",
		`"payment_info":{`: `"payment_info":null,"info":{`,
	} {
		body := strings.Replace(sampleAlert, old, changed, 1)
		h, key := signedAlert(t, Variant{}, body)
		if _, err := VerifyAlert([]byte(body), h, key); err != nil {
			t.Errorf("%s: %v", changed, err)
		}
	}
}

// TestCheckHeaders checks that invalid headers are rejected before the body is read.
func TestCheckHeaders(t *testing.T) {
	for _, v := range []Variant{{}, {Algorithm: AlgorithmHMAC}, {Algorithm: AlgorithmHMAC, Encoding: EncodingHex}} {
		h, key := signedAlert(t, v, sampleAlert)
		if err := key.CheckHeaders(h); err != nil {
			t.Errorf("%s: %v", v, err)
		}
		signature := h.Get(HeaderSignature)
		for _, wrong := range []string{
			"", "!" + signature[1:], signature[:len(signature)-2], signature + "00", strings.Repeat("a", 1<<20),
		} {
			h.Set(HeaderSignature, wrong)
			if err := key.CheckHeaders(h); !errors.Is(err, ErrBadSignature) {
				t.Errorf("%s, %.20s: %v", v, wrong, err)
			}
		}
	}
}

// TestNextAlertKey checks that the current key and the next key both verify alerts.
func TestNextAlertKey(t *testing.T) {
	for _, v := range []Variant{{}, {Algorithm: AlgorithmHMAC}} {
		h, key := signedAlert(t, v, sampleAlert)
		other, err := rsa.GenerateKey(rand.Reader, 3072) // a key with another length
		if err != nil {
			t.Fatal(err)
		}
		old := AlertKey{Variant: v, PublicKey: &other.PublicKey, Secret: []byte("old")}
		if _, err := VerifyAlert([]byte(sampleAlert), h, old); !errors.Is(err, ErrBadSignature) {
			t.Errorf("%s: %v", v, err)
		}
		old.NextPublicKey, old.NextSecret = key.PublicKey, key.Secret
		key.NextPublicKey, key.NextSecret = old.PublicKey, old.Secret
		for _, key := range []AlertKey{old, key} {
			if _, err := VerifyAlert([]byte(sampleAlert), h, key); err != nil {
				t.Errorf("%s: %v", v, err)
			}
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

func FuzzParseAlert(f *testing.F) {
	for _, body := range []string{sampleAlert, sampleInfo, `{}`,
		`{"project_id":"p","general":{"payment_id":"x"},"status":{"status":"s"},"payment_system":[1,{}]}`} {
		f.Add([]byte(body))
	}
	key := AlertKey{Variant: Variant{Algorithm: AlgorithmHMAC}, Secret: []byte("callback key")}
	f.Fuzz(func(t *testing.T, body []byte) {
		signature, err := Signing{Variant: key.Variant, Secret: key.Secret}.Sign(body, vectorTime)
		if err == nil {
			if err := key.Verify(body, fmt.Sprint(vectorTime), signature); err != nil {
				t.Fatalf("own signature rejected: %v", err)
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
			t.Fatalf("parsed a body that cannot be signed: %v", err)
		}
		if alert.PaymentID == "" || alert.ProjectID == "" || alert.Status == "" || !bytes.Equal(alert.Raw, body) {
			t.Fatalf("%+v", alert)
		}
	})
}
