package highhelp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"maps"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
)

// testToken is the output of this command:
// openssl rsa -in testdata/test_key.pem -pubout -outform DER | basenc -w0 --base64url | tr -d =
const testToken = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvzskqW8pSGtYtM-JHD_eXuMn04lDPnXz2HNmblHHyLJzG9YDFxIny8" +
	"NYx27mAnF7pu_Nd92T9jidgay9AmW7fWg4oA9Q25MYTt7A5S12tIqlebdIwr68C-nHIpKEpNOXcy3maZpfFBJhG6gbQFMiVfidepp7jshAQM4c" +
	"_JdLW1CQ9SY1Y44MPqpdOdBv_jKPm8S5VNS3dSnmuSGhlqshSDMIsXtIaJ4ycolkbeQquhbvzJM2SAOUtA9dEXNFnYQ3ZCsDKR5tpi2RoaHVbo" +
	"S7hbTgFEV70VW9bbqyfUIbk-zkki0rfJmErIv5pQOM80nTCd8Eewk1MnDQLMAvW72RDQIDAQAB"

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// otherForms returns the forms that editors, dashboards and environment files give a key.
func otherForms(text string, der []byte) map[string]string {
	return map[string]string{
		"one line": strings.ReplaceAll(text, "\n", " "), "no line ends": strings.ReplaceAll(text, "\n", ""),
		`\n written out`:   `"` + strings.ReplaceAll(text, "\n", `\n`) + `"`,
		`\r\n written out`: strings.ReplaceAll(text, "\n", `\r\n`),
		"CR":               strings.ReplaceAll(text, "\n", "\r"), "indented": "  " + strings.ReplaceAll(text, "\n", "\n \t"),
		"UTF-16 LE": "\xFF\xFE" + utf16Text(binary.LittleEndian, text),
		"UTF-16 BE": "\xFE\xFF" + utf16Text(binary.BigEndian, text),
		"DER":       string(der), "bare base64": base64.StdEncoding.EncodeToString(der),
		"bare base64 in rows": strings.Join(strings.SplitAfterN(base64.StdEncoding.EncodeToString(der), "A", 5), "\r\n"),
	}
}

func utf16Text(order binary.AppendByteOrder, text string) string {
	var all []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		all = order.AppendUint16(all, unit)
	}
	return string(all)
}

func TestParsePrivateKey(t *testing.T) {
	pkcs8, err := os.ReadFile("testdata/test_key.pem")
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey()))
	pkcs8DER, _ := x509.MarshalPKCS8PrivateKey(testKey())
	texts := otherForms(string(pkcs8), pkcs8DER)
	for name, text := range otherForms(pkcs1, x509.MarshalPKCS1PrivateKey(testKey())) {
		texts["PKCS#1 "+name] = text
	}
	maps.Copy(texts, map[string]string{
		"PKCS#8": string(pkcs8), "PKCS#1": pkcs1, "byte order mark": "\uFEFF" + string(pkcs8),
		"line ends of Windows": strings.ReplaceAll(string(pkcs8), "\n", "\r\n"),
		"after a certificate":  block("CERTIFICATE", []byte("x")) + pkcs1,
		"text around it":       "my key\n" + pkcs1 + "\nend",
	})
	for name, text := range texts {
		if key, err := ParsePrivateKey([]byte(text)); err != nil || !key.Equal(testKey()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ecDER, _ := x509.MarshalPKCS8PrivateKey(ec)
	for want, text := range map[string]string{
		"nor base64 of a key": "hello",
		"`openssl pkey":       block("ENCRYPTED PRIVATE KEY", []byte("x")),
		"is encrypted": "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\neA==" +
			"\n-----END RSA PRIVATE KEY-----\n",
		"ecdsa.PrivateKey":         block("PRIVATE KEY", ecDER),
		`contains a "PUBLIC KEY"`:  block("PUBLIC KEY", []byte("x")),
		`contains a "CERTIFICATE"`: block("CERTIFICATE", []byte("x")),
		"PKCS#8 block cannot":      block("PRIVATE KEY", []byte("x")),
		"PKCS#1 block cannot":      block("RSA PRIVATE KEY", []byte("x")),
	} {
		if _, err := ParsePrivateKey([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestParsePublicKey(t *testing.T) {
	pub := &testKey().PublicKey
	der, _ := x509.MarshalPKIXPublicKey(pub)
	pkix := block("PUBLIC KEY", der)
	pkcs1 := x509.MarshalPKCS1PublicKey(pub)
	texts := otherForms(pkix, der)
	maps.Copy(texts, map[string]string{
		"SPKI": pkix, "PKCS#1": block("RSA PUBLIC KEY", pkcs1), "token": testToken,
		"base64":         base64.StdEncoding.EncodeToString(der),
		"base64 PKCS#1":  base64.URLEncoding.EncodeToString(pkcs1),
		"base64 in rows": strings.Join(strings.SplitAfterN(base64.StdEncoding.EncodeToString(der), "A", 5), "\n ") + "\n",
		"base64 of PEM":  base64.RawURLEncoding.EncodeToString([]byte(pkix)),
	})
	for name, text := range texts {
		if key, err := ParsePublicKey([]byte(text)); err != nil || !key.Equal(pub) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ecDER, _ := x509.MarshalPKIXPublicKey(ec.Public())
	for want, text := range map[string]string{
		"neither PEM, DER":       "what?",
		"nor base64 of a key":    "",
		"contains a private key": block("PRIVATE KEY", []byte("x")),
		"ecdsa.PublicKey":        block("PUBLIC KEY", ecDER),
		"copy it again":          block("PUBLIC KEY", []byte("x")),
		"DER nor base64":         "aGVsbG8",
	} {
		if _, err := ParsePublicKey([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestAccessToken(t *testing.T) {
	pub := &testKey().PublicKey
	for _, form := range []string{"", TokenDER} {
		if got, err := AccessToken(pub, form); err != nil || got != testToken {
			t.Errorf("%q: %s, %v", form, got, err)
		}
	}
	got, err := AccessToken(pub, TokenPEM)
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.RawURLEncoding.DecodeString(got)
	if err != nil || !strings.HasPrefix(string(text), "-----BEGIN PUBLIC KEY-----\n") {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := AccessToken(pub, "jwk"); err == nil {
		t.Error("an unknown form is accepted")
	}
	if _, err := AccessToken(nil, ""); err == nil {
		t.Error("a nil key is accepted")
	}
}

func TestParseSecret(t *testing.T) {
	got, err := ParseSecret([]byte("\uFEFF \tabc def\r\n"))
	if err != nil || string(got) != "abc def" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err = ParseSecret([]byte("\xFF\xFE" + utf16Text(binary.LittleEndian, "abc\r\n"))); string(got) != "abc" {
		t.Errorf("UTF-16: %q, %v", got, err)
	}
	for _, text := range []string{" \n", block("PRIVATE KEY", []byte("x"))} {
		if _, err := ParseSecret([]byte(text)); err == nil {
			t.Errorf("%q is accepted as a secret", text)
		}
	}
}
