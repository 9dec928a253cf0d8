package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp/sandbox"
)

// TestStrictness checks that each kind of invalid request is refused with a clear answer.
func TestStrictness(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	without := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Del(name) }
	}
	twice := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Add(name, r.Header.Get(name)) }
	}
	body := func(body string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		}
	}
	method := func(method string) func(*http.Request) { return func(r *http.Request) { r.Method = method } }
	const (
		kind, stamp, merchant     = "Content-Type", "X-Access-Timestamp", "X-Access-Merchant-Id"
		token, signature, chooses = "X-Access-Token", "X-Access-Signature", "X-Access-Merchant-Algorithm"
	)
	for name, tt := range map[string]struct {
		change func(*http.Request)
		code   int
		says   string
	}{
		"right":            {header(kind, "Application/JSON; charset=UTF-8"), 200, ""},
		"right, names RSA": {header(chooses, "RSA-SHA256"), 200, ""},
		"GET":              {method("GET"), 405, "method is GET"},
		"PUT":              {method("PUT"), 405, "method is PUT"},
		"other path": {func(r *http.Request) { r.URL.Path = "/api/v1/widget/payins" }, 404,
			"unknown endpoint /api/v1/widget/payins"},
		"path without the prefix": {func(r *http.Request) { r.URL.Path = "/widget/payin/info" }, 404, "unknown endpoint"},
		"path with a slash":       {func(r *http.Request) { r.URL.Path += "/" }, 404, "unknown endpoint"},

		"no content type":     {without(kind), 415, `content-type is ""`},
		"other content type":  {header(kind, "text/plain"), 415, `content-type is "text/plain"`},
		"other charset":       {header(kind, "application/json; charset=koi8-r"), 415, "koi8-r"},
		"no timestamp":        {without(stamp), 400, "header x-access-timestamp is missing"},
		"no merchant":         {without(merchant), 400, "header x-access-merchant-id is missing"},
		"no token":            {without(token), 400, "header x-access-token is missing"},
		"no signature":        {without(signature), 400, "header x-access-signature is missing"},
		"two timestamps":      {twice(stamp), 400, "header x-access-timestamp occurs 2 times"},
		"two merchants":       {twice(merchant), 400, "header x-access-merchant-id occurs 2 times"},
		"two tokens":          {twice(token), 400, "header x-access-token occurs 2 times"},
		"two signatures":      {twice(signature), 400, "header x-access-signature occurs 2 times"},
		"timestamp is a date": {header(stamp, "2024-01-25T11:40:47Z"), 400, "x-access-timestamp is not in Unix seconds"},
		"timestamp in ms":     {header(stamp, "1706182847000"), 400, "x-access-timestamp is not in Unix seconds"},
		"timestamp negative":  {header(stamp, "-1706182847"), 400, "x-access-timestamp is not in Unix seconds"},
		"timestamp is old": {header(stamp, fmt.Sprint(noon.Unix()-301)), 401,
			"x-access-timestamp is 5m1s away from now, more than 5m0s"},
		"timestamp is early":     {header(stamp, fmt.Sprint(noon.Unix()+301)), 401, "x-access-timestamp is 5m1s away"},
		"timestamp is another":   {header(stamp, fmt.Sprint(noon.Unix()-300)), 401, "x-access-signature does not verify"},
		"merchant is not a UUID": {header(merchant, "57aff4db"), 400, "x-access-merchant-id is not a UUID"},
		"merchant is unknown": {header(merchant, "67aff4db-b45d-42bf-bc5f-b7a499a01782"), 401,
			"x-access-merchant-id is not a known project"},
		"other token": {header(token, "TUlJQklq"), 401,
			"x-access-token is not the project's public key as base64url of its DER form"},
		"padded token": {func(r *http.Request) { r.Header.Set(token, r.Header.Get(token)+"==") }, 401,
			"x-access-token"},
		"signature in hex":     {header(signature, "d55d89a4=="), 401, "x-access-signature is not base64url without padding"},
		"signature of nothing": {header(signature, "AAAA"), 401, "x-access-signature does not verify"},
		"unknown algorithm": {header(chooses, "ES256"), 400,
			`x-access-merchant-algorithm is "ES256", not RSA-SHA256 or HMAC-SHA512`},
		"says HMAC, is RSA": {header(chooses, "HMAC-SHA512"), 401, "does not verify with the project's HMAC key"},

		"other body": {body(`{"general":{"payment_id":"x"}}`), 401,
			`the body normalises to "general:payment_id:x", timestamp 1706182847`},
		"empty body":     {body(``), 400, "body is not JSON"},
		"body breaks":    {body(`{"general":`), 400, "body is not JSON"},
		"body is a list": {body(`[]`), 400, "body is not a JSON object"},
		"two bodies":     {body(`{}{}`), 400, "body continues after"},
		"key twice":      {body(`{"a":1,"a":2}`), 400, `the key "a" twice`},
		"long body":      {body(`{"a":"` + strings.Repeat("a", 64<<10) + `"}`), 413, "body is longer than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			g.t = t
			r := g.request("widget/payin/info", ids(payment))
			tt.change(r)
			code, answer := g.do(r)
			if text, _ := answer["status_description"].(string); code != tt.code || !strings.Contains(text, tt.says) {
				t.Errorf("answers %d %q, want %d %q", code, text, tt.code, tt.says)
			}
			if tt.code != 200 && answer["status"] != "error" {
				t.Errorf("status is %v", answer["status"])
			}
		})
	}
}

// TestFieldsOfInfo checks the answers to invalid fields. Fields are checked after the signature.
func TestFieldsOfInfo(t *testing.T) {
	g := open(t)
	for body, tt := range map[string]struct {
		code int
		says string
	}{
		`{}`: {400, "field general.project_id is missing; field general.payment_id is missing"},
		`{"general":{"project_id":"` + project + `"}}`: {400,
			"field general.payment_id is missing"},
		`{"general":{"project_id":"` + project + `","payment_id":null}}`: {400,
			"field general.payment_id is missing"},
		`{"general":{"project_id":"` + project + `","payment_id":7}}`: {400,
			"field general.payment_id is not a string"},
		`{"general":{"project_id":"` + project + `","payment_id":""}}`: {400,
			"field general.payment_id is empty"},
		`{"general":{"project_id":"` + project + `","payment_id":"` + strings.Repeat("é", 256) +
			`"}}`: {400, "has 256 characters, more than 255"},
		`{"general":{"project_id":"` + project + `","payment_id":"a","when":1}}`: {400,
			"field general.when is unknown"},
		`{"general":{"project_id":"som","payment_id":"a"}}`: {400,
			"field general.project_id is not a UUID"},
		`{"general":{"project_id":"67aff4db-b45d-42bf-bc5f-b7a499a01782","payment_id":"a"}}`: {401,
			"general.project_id is not x-access-merchant-id"},
		`{"general":{"project_id":"` + project + `","payment_id":"` + strings.Repeat("💸", 255) +
			`"}}`: {404, "payment not found: 💸"},
	} {
		code, answer := g.do(g.request("widget/payin/info", body))
		if text, _ := answer["status_description"].(string); code != tt.code || !strings.Contains(text, tt.says) {
			t.Errorf("%.120s\n answers %d %q, want %d %q", body, code, text, tt.code, tt.says)
		}
	}
}

func TestTimestampWindowIsASetting(t *testing.T) {
	g := open(t, func(o *sandbox.Options) { o.TimestampWindow = time.Hour })
	r := g.request("balance/info", object{"general": object{"project_id": project}})
	g.clock.move(59 * time.Minute)
	if code, answer := g.do(r); code != 200 {
		t.Errorf("answers %d %v", code, answer)
	}
}

func TestNoHMACKey(t *testing.T) {
	g := open(t, func(o *sandbox.Options) { o.Projects[0].Secret = nil })
	r := g.request("balance/info", object{"general": object{"project_id": project}})
	r.Header.Set("X-Access-Merchant-Algorithm", "HMAC-SHA512")
	code, answer := g.do(r)
	if code != 401 || !strings.Contains(answer["status_description"].(string), "the project does not accept HMAC") {
		t.Errorf("answers %d %v", code, answer)
	}
}

// TestRequestSignedByOpenSSL sends a request that OpenSSL signed with RSA and with HMAC.
func TestRequestSignedByOpenSSL(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	for algorithm, signature := range map[string]string{
		"":            golden(t, "info_signature.txt"),
		"HMAC-SHA512": "NbWrod8UKBIgG09XEXbv-LyTvrMtyDFvOoOTg1FILt5wLsgLB4KhU5X9vjhzpikFt0UH5-DKspSsFOMp6kfMdw",
	} {
		r := g.request("widget/payin/info", ids(payment))
		r.Header.Set("X-Access-Signature", signature)
		r.Header.Set("X-Access-Merchant-Algorithm", algorithm)
		if code, answer := g.do(r); code != 200 {
			t.Errorf("%q: answers %d %v", algorithm, code, answer)
		}
	}
}

// TestProjectOfOneAlgorithm checks that a project whose variant has a digest for one algorithm refuses the other
// algorithm. The test also checks a project with HMAC that expects no algorithm header.
func TestProjectOfOneAlgorithm(t *testing.T) {
	const mac = "NbWrod8UKBIgG09XEXbv-LyTvrMtyDFvOoOTg1FILt5wLsgLB4KhU5X9vjhzpikFt0UH5-DKspSsFOMp6kfMdw"
	rsa := golden(t, "info_signature.txt")
	for _, tt := range []struct {
		digest, hmacName, header, signature string
		code                                int
	}{
		{"", "", "", rsa, 404},
		{"", "", "HMAC-SHA512", mac, 404},
		{"twice", "", "RSA-SHA256", rsa, 404},
		{"twice", "", "HMAC-SHA512", mac, 401},
		{"text", "", "HMAC-SHA512", mac, 404},
		{"text", "", "", rsa, 401},
		{"sha256", "", "HMAC-SHA512", mac, 401},
		{"text", "none", "", mac, 404},
		{"", "none", "RSA-SHA256", rsa, 404},
		{"", "HS512", "HS512", mac, 404},
		{"", "HS512", "HMAC-SHA512", mac, 400},
	} {
		g := open(t, func(o *sandbox.Options) {
			o.Projects[0].Signature = sandbox.Variant{Digest: tt.digest, HMACName: tt.hmacName}
		})
		r := g.request("widget/payin/info", ids(payment))
		r.Header.Set("X-Access-Signature", tt.signature)
		r.Header.Set("X-Access-Merchant-Algorithm", tt.header)
		if code, answer := g.do(r); code != tt.code {
			t.Errorf("%+v: answers %d %v", tt, code, answer)
		}
	}
}

func TestBalance(t *testing.T) {
	g := open(t)
	_, answer := g.do(g.request("balance/info", object{"general": object{"project_id": project}}))
	want := object{"balance": []any{object{"currency": "KGS", "amount": 1_500_000.0, "locked_amount": 10_000.0}}}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Error(diff)
	}
	g = open(t, func(o *sandbox.Options) { o.Projects[0].Balances = nil })
	_, answer = g.do(g.request("balance/info", object{"general": object{"project_id": project}}))
	if diff := cmp.Diff(object{"balance": []any{}}, answer); diff != "" {
		t.Error(diff)
	}
}
