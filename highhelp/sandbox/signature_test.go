package sandbox

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const (
	infoBody   = `{"general":{"project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782","payment_id":"PAYMENT-KGS-123456"}}`
	infoLines  = "general:payment_id:PAYMENT-KGS-123456;general:project_id:57aff4db-b45d-42bf-bc5f-b7a499a01782"
	vectorTime = "1706182847"
	alertText  = `{"project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782",
 "general":{"request_id":"16a10539-fcb3-4ff5-a3e2-86625a2dc3d3","payment_id":"PAYMENT-KGS-123456"},
 "status":{"status":"success","sub_status":null,"status_description":null},
 "payment_info":{"amount":7000,"old_amount":5000,"initial_amount":3000,"currency":"KGS","lifetime":300,
  "expiration_date":1721647251,"updated_date":1721647251,"created_date":1721647251,
  "method":"card-p2p","widget_method":"payin-p2p-card","type":"payin"}}`
)

func mustLeaves(t *testing.T, body string) []leaf {
	t.Helper()
	found, err := leaves([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestVectors checks test vectors for steps 1 to 5 of the signature.
func TestVectors(t *testing.T) {
	if got := normalise(mustLeaves(t, infoBody), "None"); got != infoLines {
		t.Errorf("normalised to %s", got)
	}
	for _, tt := range []struct {
		name, body string
		variant    Variant
		want       string
	}{
		{"info", infoBody, Variant{Null: "None"}, "2e0bbbba82d5baa5f82ca32288cc10085b8032e5cc6628080be5aa4f3e11a225"},
		{"alert", alertText, Variant{Null: "None"}, "bc75ffc0747bda818c647aa1e81f2103c37b1266676b6dec063fa7e4a76df132"},
		{"padded", alertText, Variant{Null: "None", Padding: true},
			"37d7d547df624a2c2c621d4edad5c1b7860662bd5be5a3cc0d62e8c427cccc13"},
		{"empty", alertText, Variant{Null: "empty"}, "5ca54d4c59a8574832edf18606ab1c5fcd4807c543041967395d123cb6c28e14"},
		{"left out", alertText, Variant{Null: "omit"}, "d1942304d6301adb75e5c254053a0e48945c6860d3c0783744cfc27018bc74bb"},
		{"null", alertText, Variant{Null: "null"}, "7a61dbe4035fc590930da030804c530363c2ad31ff59d04e63837eeaf030cd15"},
	} {
		sum := sha256.Sum256(tt.variant.text(mustLeaves(t, tt.body), vectorTime))
		if got := hex.EncodeToString(sum[:]); got != tt.want {
			t.Errorf("%s: hashes to %s, want %s", tt.name, got, tt.want)
		}
	}
}

func testKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	raw, err := os.ReadFile("testdata/request.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// TestSignaturesOfOpenSSL compares signatures with the output of these OpenSSL commands for the info request:
//
//	text="$(printf %s "$lines" | basenc --base64url -w0 | tr -d =)1706182847"
//	printf %s "$text" | openssl dgst -sha256 -binary | openssl dgst -sha256 -sign request.pem |
//	  basenc --base64url -w0 | tr -d = >info_signature.txt
//	printf %s "$text" | openssl dgst -sha512 -hmac a-shared-secret
//	openssl pkey -in request.pem -pubout -outform DER | basenc --base64url -w0 | tr -d = >token.txt
func TestSignaturesOfOpenSSL(t *testing.T) {
	variant, err := Variant{}.complete()
	if err != nil {
		t.Fatal(err)
	}
	key, text := testKey(t), variant.text(mustLeaves(t, infoBody), vectorTime)
	signature, err := os.ReadFile("testdata/info_signature.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := variant.verifyRSA(&key.PublicKey, string(signature), text); err != nil {
		t.Errorf("RSA: %v", err)
	}
	if made, err := variant.signRSA(key, text); err != nil || made != string(signature) {
		t.Errorf("the signature is %s, %v", made, err)
	}
	token, err := os.ReadFile("testdata/token.txt")
	if err != nil {
		t.Fatal(err)
	}
	if made, err := variant.token(&key.PublicKey); err != nil || made != string(token) {
		t.Errorf("token is %s, %v", made, err)
	}
	secret := []byte("a-shared-secret")
	if err := variant.verifyHMAC(secret,
		"NbWrod8UKBIgG09XEXbv-LyTvrMtyDFvOoOTg1FILt5wLsgLB4KhU5X9vjhzpikFt0UH5-DKspSsFOMp6kfMdw", text); err != nil {
		t.Errorf("HMAC: %v", err)
	}
	variant.Encoding = "hex"
	const inHex = "35b5aba1df142812201b4f571176eff8bc93beb32dc8316f3a83938351482ede702ec80b0782a15395fdbe3873a62905b7450" +
		"7e7e0cab294ac14e329ea47cc77"
	if err := variant.verifyHMAC(secret, inHex, text); err != nil {
		t.Errorf("HMAC in hex: %v", err)
	}
	if err := variant.verifyHMAC(secret, strings.ToUpper(inHex), text); err == nil {
		t.Error("HMAC in upper-case hex is accepted")
	}
}

// TestVariantsExcludeEachOther checks that a signature is accepted only with the variant that made it.
func TestVariantsExcludeEachOther(t *testing.T) {
	key := testKey(t)
	found := mustLeaves(t, `{"general":{"payment_id":"ab"},"none":null}`) // a length that needs padding
	var variants []Variant
	for _, null := range []string{"None", "empty", "omit", "null"} {
		for _, padding := range []bool{false, true} {
			for _, digest := range []string{"twice", "once", "hex"} {
				for _, encoding := range []string{"base64url", "hex"} {
					variants = append(variants, Variant{Null: null, Padding: padding, Digest: digest, Encoding: encoding})
				}
			}
		}
	}
	for _, signer := range variants {
		text := signer.text(found, vectorTime)
		signature, err := signer.signRSA(key, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, verifier := range variants {
			theirs := verifier.text(found, vectorTime)
			err := verifier.verifyRSA(&key.PublicKey, signature, theirs)
			samePadding := signer.Padding == verifier.Padding || string(text) == string(theirs)
			same := signer.Null == verifier.Null && signer.Digest == verifier.Digest && signer.Encoding == verifier.Encoding &&
				samePadding
			if (err == nil) != same {
				t.Errorf("signed by %+v, verified by %+v: %v", signer, verifier, err)
			}
		}
	}
}

func TestPEMToken(t *testing.T) {
	variant, _ := Variant{Token: "pem"}.complete()
	want, err := variant.token(&testKey(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for token, same := range map[string]bool{want: true, want + "Cg": true, want[4:]: false, "": false, "!": false} {
		if variant.sameToken(want, token) != same {
			t.Errorf("token %.20q… is equal: %v", token, !same)
		}
	}
}

func TestNormalise(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:                                   "",
		`{"a":{},"b":[]}`:                      "",
		`{"b":1,"a":2}`:                        "a:2;b:1",
		`{"a":[true,false,null,{"x":"y"},[]]}`: "a:0:1;a:1:0;a:2:None;a:3:x:y",
		`{"a":[1,2,3,4,5,6,7,8,9,10,11]}`:      "a:0:1;a:10:11;a:1:2;a:2:3;a:3:4;a:4:5;a:5:6;a:6:7;a:7:8;a:8:9;a:9:10",
		`{"a":1e3,"b":1.50,"c":-0}`:            "a:1e3;b:1.50;c:-0",
		`{"a":"\u0441\u043e\u043c;:"}`:         "a:сом;:",
		`{"a":"","b":{"c":{"d":"e"}},"f":"g"}`: "a:;b:c:d:e;f:g",
		`{"a":[[1,[2]],{"b":[3]}],"z":0}`:      "a:0:0:1;a:0:1:0:2;a:1:b:0:3;z:0",
	} {
		if got := normalise(mustLeaves(t, body), "None"); got != want {
			t.Errorf("%s\n gives %s\n want  %s", body, got, want)
		}
	}
}

func TestLeavesRefuse(t *testing.T) {
	for body, want := range map[string]string{
		``:                          "not JSON",
		`{"a":1`:                    "unexpected EOF",
		`{"a" 1}`:                   "not JSON",
		`[1]`:                       "not a JSON object",
		`"a"`:                       "not a JSON object",
		`{} {}`:                     "after its JSON object",
		`{}x`:                       "after its JSON object",
		`{"a":1,"b":{"a":1,"a":2}}`: `"a" twice`,
		"{\"a\":\"\xff\"}":          "not UTF-8",
		`{"a":` + strings.Repeat("[", 16) + `1]]]`: "deeper than 16",
	} {
		if _, err := leaves([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not contain %q", body, err, want)
		}
	}
}

// TestNormaliseAgreesWithATreeWalk compares the normalised text with a walk over the decoded tree, for random bodies.
func TestNormaliseAgreesWithATreeWalk(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		body, lines := drawObject(rt, "", 0)
		found, err := leaves([]byte(body))
		if err != nil {
			rt.Fatalf("%s: %v", body, err)
		}
		var got []string
		for _, l := range found {
			got = append(got, fmt.Sprintf("%s:%v", l.path, l.value))
		}
		if strings.Join(got, "\n") != strings.Join(lines, "\n") {
			rt.Fatalf("%s\n gives %q\n want  %q", body, got, lines)
		}
	})
}

// drawObject returns a random JSON object, and the lines of its normalised text in order.
func drawObject(rt *rapid.T, prefix string, depth int) (string, []string) {
	var parts, lines []string
	under := func(name string) string { return strings.TrimPrefix(prefix+":"+name, ":") }
	for i := range rapid.IntRange(0, 4).Draw(rt, "fields") {
		name := fmt.Sprintf("k%d", i)
		switch kind := rapid.IntRange(0, 3).Draw(rt, "kind"); {
		case kind == 0 && depth < 5:
			part, more := drawObject(rt, under(name), depth+1)
			parts, lines = append(parts, `"`+name+`":`+part), append(lines, more...)
		case kind == 1 && depth < 5:
			first, more := drawObject(rt, under(name)+":0", depth+2)
			parts, lines = append(parts, `"`+name+`":[`+first+`,7]`), append(append(lines, more...), under(name)+":1:7")
		default:
			n := rapid.Int64().Draw(rt, "number")
			parts, lines = append(parts, fmt.Sprintf("%q:%d", name, n)), append(lines, fmt.Sprintf("%s:%d", under(name), n))
		}
	}
	return "{" + strings.Join(parts, ",") + "}", lines
}

func FuzzLeaves(f *testing.F) {
	f.Add([]byte(infoBody))
	f.Add([]byte(alertText))
	f.Add([]byte(`{"a":[1,{"b":null}],"c":"\ud800"}`))
	f.Fuzz(func(_ *testing.T, body []byte) {
		if found, err := leaves(body); err == nil {
			normalise(found, "None")
		}
	})
}
