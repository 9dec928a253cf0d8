package highhelp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

const vectorTime = 1706182847

// TestTextVectors checks the five test vectors of the signature's steps up to the first SHA-256.
func TestTextVectors(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		variant    Variant
		want       string
	}{
		{"info request", sampleRequest, Variant{}, "2e0bbbba82d5baa5f82ca32288cc10085b8032e5cc6628080be5aa4f3e11a225"},
		{"alert, None", sampleAlert, Variant{}, "bc75ffc0747bda818c647aa1e81f2103c37b1266676b6dec063fa7e4a76df132"},
		{"alert, None, padded", sampleAlert, Variant{Padding: true},
			"37d7d547df624a2c2c621d4edad5c1b7860662bd5be5a3cc0d62e8c427cccc13"},
		{"alert, empty", sampleAlert, Variant{Null: NullEmpty},
			"5ca54d4c59a8574832edf18606ab1c5fcd4807c543041967395d123cb6c28e14"},
		{"alert, left out", sampleAlert, Variant{Null: NullOmit},
			"d1942304d6301adb75e5c254053a0e48945c6860d3c0783744cfc27018bc74bb"},
		{"alert, null", sampleAlert, Variant{Null: NullNull},
			"7a61dbe4035fc590930da030804c530363c2ad31ff59d04e63837eeaf030cd15"},
	} {
		text, err := tt.variant.text([]byte(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(text + fmt.Sprint(vectorTime)))
		if got := hex.EncodeToString(sum[:]); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// signVectors are signatures that OpenSSL and coreutils computed. T is the text of the info request:
//
//	N='general:payment_id:PAYMENT-KGS-123456;general:project_id:57aff4db-b45d-42bf-bc5f-b7a499a01782'
//	T="$(printf %s "$N" | basenc -w0 --base64url | tr -d =)1706182847"
//	b() { basenc -w0 --base64url | tr -d =; }
var signVectors = []struct {
	variant Variant
	want    string
}{
	// printf %s "$T" | openssl dgst -sha256 -binary | openssl dgst -sha256 -sign testdata/test_key.pem | b
	{Variant{}, "OCvAdckWBvmu7Fepd9SI-Uuzwp2nucORCkkz10zFJGpEIiy1oZP30Ip_wOjcs6tu7NyRNp_FQvBOgWFx23491UhkNAFnCpXicKPyBBA" +
		"S5nKFmrohIvL41P0psQ1PGF5nfZk2MBVrsNcstvUBNhZLERe4LzyvoOshnXsHq6cSgc-U8ImhsSfEKeBBmbMyox6ekeVkdgSYyXXwpcYFN5JB" +
		"mhDj5ppBDuKedzo2cSdr9dGuPMtE5DvgfZjnB7ZmCIdy1euYkA6ac1jjczkyooNa_HkFTFZjqZGHBFGJwGEdGqKxJo-VKdrqqd6groO3avzhD" +
		"HkldfgXpWB--jMFvpPvDQ"},
	// printf %s "$T" | openssl dgst -sha256 -sign testdata/test_key.pem | b
	{Variant{Digest: DigestOnce},
		"jfLfMmWrwdUktHM3f25TnHOe_DTwElGcCe1Gom5AjLbuquRR8Ai7LPNvBwWk7eQNzy04whFv-tPheRgKLSNYxRxE8dwKKh-vjLLTUIwhh_SU5XRh3E" +
			"Fs66-FwzW4pM1kGIs5DlO66_kawELwZ-BsG304wcBYMlrNhigU7eSm3gwNPzdDI0RV26nBEvq8vuriRj62LT9tLTbmDylQXOxk3JV_hlcnDG" +
			"Y6J1FzoXpBxlcmeq31Pz_mLtwlLv4zoJIeCr7SzZDpgnEA3R-UwS4XJTDR8h-RFOvPLKFyH8sXetEKXRtzF5T-79vP5lPPmEsnA6GmCPeMj8" +
			"u2W3w3OnSdzg"},
	// printf %s "$(printf %s "$T" | sha256sum | cut -d' ' -f1)" | openssl dgst -sha256 -sign testdata/test_key.pem | b
	{Variant{Digest: DigestHex},
		"U5LMppFJl-N_YwmDO_G5p_woSJVMUiWoZ3sNgbHVCEx_lUoEioiEUcgrv3P89hI3EaM6jgRTR3OawXieuuJY-pZyUd-jLIiHHmIOcIfjvOEzzh5eVF" +
			"5wM8A6abE0BkqNS_A7ki5jIhvktBvvswPxcUgEVXRFuo9vrFs-okm5obStdDr-MLjXl0yctnElPkm3iO-h3n3rrPrCKtWFHn9jmtW-hXhvBQ" +
			"j3Wo1x2Np5vUwzkH8qXehvyX9plk8SOsrOsqCYBV9NgdtLskOKMniixQ6W0_PtM1vtg-vwkqdbNSVMSdavgTMETPhUJ6sbB6SJBjIhLqKEjL" +
			"9M2ZvexJn2Rg"},
	// printf %s "$T" | openssl dgst -sha512 -hmac s3cret-of-the-test -binary | b
	{Variant{Algorithm: AlgorithmHMAC},
		"2TgvGgVZgGf7twfwJItCkCMSp2yFd0rEGhqcXerfSu7bLlQexwkBms6u85MKCMWtZ9-XpP_0yDeXrOoQIWU7cA"},
	// printf %s "$T" | openssl dgst -sha512 -hmac s3cret-of-the-test -r
	{Variant{Algorithm: AlgorithmHMAC, Encoding: EncodingHex},
		"d9382f1a05598067fbb707f0248b42902312a76c85774ac41a1a9c5deadf4aeedb2e541ec709019aceaef3930a08c5ad67df97a4fff4c83797" +
			"acea1021653b70"},
	// printf %s "$T" | openssl dgst -sha256 -binary | openssl dgst -sha512 -hmac s3cret-of-the-test -binary | b
	{Variant{Algorithm: AlgorithmHMAC, Digest: DigestSHA256},
		"eWzg5r4R7594WRq6pZJx9SeJzl7UMd0YLhvmQ-0Nt643crodUg7mCBXm0l5GrQed1_aa9_J_SPvAvQzE4vqiYA"},
}

func TestSign(t *testing.T) {
	for _, tt := range signVectors {
		s := Signing{Variant: tt.variant, PrivateKey: testKey(), Secret: []byte("s3cret-of-the-test")}
		got, err := s.Sign([]byte(sampleRequest), vectorTime)
		if err != nil || got != tt.want {
			t.Errorf("%s: got %s, %v\nwant %s", tt.variant, got, err, tt.want)
		}
	}
}

func TestSignNeedsItsKey(t *testing.T) {
	for want, s := range map[string]Signing{
		"private_key":                {},
		"hmac_private_key":           {Variant: Variant{Algorithm: AlgorithmHMAC}, PrivateKey: testKey()},
		"RSA-SHA256, HMAC-SHA512":    {Variant: Variant{Algorithm: "MD5"}, PrivateKey: testKey()},
		"twice, once, hex":           {Variant: Variant{Digest: "thrice"}, PrivateKey: testKey()},
		"text, sha256":               {Variant: Variant{Algorithm: AlgorithmHMAC, Digest: "twice"}, Secret: []byte("x")},
		"write one of base64url":     {Variant: Variant{Encoding: "hex"}, PrivateKey: testKey()},
		"None, empty, omit, null":    {Variant: Variant{Null: "nil"}, PrivateKey: testKey()},
		"algorithm_header contains ": {Variant: Variant{AlgorithmHeader: "a\r\nb"}, PrivateKey: testKey()},
	} {
		if _, err := s.Sign([]byte(sampleRequest), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestAlgorithmHeader(t *testing.T) {
	for want, v := range map[string]Variant{
		"":            {},
		"RSA-SHA256":  {AlgorithmHeader: "RSA-SHA256"},
		"HMAC-SHA512": {Algorithm: AlgorithmHMAC},
		"hmac":        {Algorithm: AlgorithmHMAC, AlgorithmHeader: "hmac"},
		"\x00none":    {Algorithm: AlgorithmHMAC, AlgorithmHeader: HeaderNone},
	} {
		s := Signing{Variant: v, PrivateKey: testKey(), Secret: []byte("x"), AccessToken: "t"}
		fixed := s.fixedHeader(testProject)
		h, err := s.headers(fixed, "text", vectorTime)
		if err != nil {
			t.Fatal(err)
		}
		if len(fixed) != len(h)-2 {
			t.Errorf("headers of one request changed the fixed headers: %v", fixed)
		}
		_, sent := h[http.CanonicalHeaderKey(HeaderAlgorithm)]
		want = strings.TrimPrefix(want, "\x00none")
		if got := h.Get(HeaderAlgorithm); got != want || sent != (want != "") {
			t.Errorf("%s: header %q, sent %v; want %q", v, got, sent, want)
		}
		if h.Get(HeaderTimestamp) != "1706182847" || h.Get(HeaderMerchantID) != testProject || h.Get(HeaderToken) != "t" {
			t.Errorf("headers %v", h)
		}
	}
}

func TestVariants(t *testing.T) {
	if first := RequestVariants(true, true)[0]; first != (Variant{}) {
		t.Errorf("first request variant %s is not the default", first)
	}
	if first := AlertVariants(false, true)[0]; first != (Variant{Algorithm: AlgorithmHMAC}) {
		t.Errorf("first alert variant %s is not the default", first)
	}
	for want, all := range map[int][]Variant{
		0: RequestVariants(false, false), 12: RequestVariants(true, false), 32: RequestVariants(false, true),
		44: RequestVariants(true, true), 56: AlertVariants(true, true),
	} {
		if len(all) != want {
			t.Errorf("%d variants, want %d", len(all), want)
		}
		seen := map[string]bool{}
		for _, v := range all {
			if err := v.Validate(); err != nil {
				t.Errorf("%s: %v", v, err)
			}
			if seen[v.String()] {
				t.Errorf("duplicate variant %s", v)
			}
			seen[v.String()] = true
		}
	}
	if got := (Variant{}).String(); got != "RSA-SHA256 twice base64url null=None unpadded header=none" {
		t.Error(got)
	}
}

func TestNothingPrintsKeys(t *testing.T) {
	s := Signing{PrivateKey: testKey(), Secret: []byte("s3cret-of-the-test"), AccessToken: "the-token"}
	k := AlertKey{Secret: []byte("s3cret-of-the-test")}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "signing", s, "key", k)
	out := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", s, s, s, s, k, k, k) + fmt.Sprintf("%+v", Config{Signing: s}) +
		log.String()
	for _, secret := range []string{"s3cret", "115 51 99", testKey().D.String()[:20], "the-token", "0x73, 0x33"} {
		if strings.Contains(out, secret) {
			t.Errorf("%q in %s", secret, out)
		}
	}
}

func BenchmarkSignRSA(b *testing.B) {
	benchmarkSign(b, Signing{PrivateKey: testKey()})
}

func BenchmarkSignHMAC(b *testing.B) {
	benchmarkSign(b, Signing{Variant: Variant{Algorithm: AlgorithmHMAC}, Secret: []byte("s3cret-of-the-test")})
}

func benchmarkSign(b *testing.B, s Signing) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sign([]byte(sampleRequest), vectorTime); err != nil {
			b.Fatal(err)
		}
	}
}
