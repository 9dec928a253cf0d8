package sandbox

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Values of x-access-merchant-algorithm. Variant.HMACName can replace the value for HMAC. Without the
// header, RSA is used.
const (
	algorithmRSA  = "RSA-SHA256"
	algorithmHMAC = "HMAC-SHA512"
)

// A Variant selects the details of the signature that HighHelp does not document. A project accepts exactly one
// variant. The zero value is hhrecon's default. With the zero value, a project accepts RSA. If the project has a
// secret, the project also accepts HMAC.
type Variant struct {
	Null    string // form of a null: "None" (default), "empty", "omit" (no line), "null"
	Padding bool   // pad the base64url text that is signed; signatures and tokens are never padded
	// for RSA: "twice" (default), "once", "hex"; for HMAC: "text" (default), "sha256"; excludes the other algorithm
	Digest   string
	Encoding string // encoding of the signature: "base64url" (default), "hex" in lower case
	Token    string // content of x-access-token, in base64url: "der" (default), "pem"

	// HMACName is the value of x-access-merchant-algorithm for HMAC. The default is HMAC-SHA512. A request without the
	// header uses RSA, or HMAC if HMACName is "none".
	HMACName string
}

// complete sets the defaults and validates the variant. An empty digest stays empty. Both algorithms are then accepted
// with their default digests.
func (v Variant) complete() (Variant, error) {
	var errs []error
	choose := func(name string, value *string, allowed ...string) {
		*value = cmp.Or(*value, allowed[0])
		if !slices.Contains(allowed, *value) {
			errs = append(errs, fmt.Errorf("signature variant: %s is %q, want one of %s", name, *value,
				strings.TrimPrefix(strings.Join(allowed, ", "), ", ")))
		}
	}
	choose("null", &v.Null, "None", "empty", "omit", "null")
	choose("digest", &v.Digest, "", "twice", "once", "hex", "text", "sha256")
	choose("encoding", &v.Encoding, "base64url", "hex")
	choose("token", &v.Token, "der", "pem")
	v.HMACName = cmp.Or(v.HMACName, algorithmHMAC)
	return v, errors.Join(errs...)
}

func (v Variant) takesRSA() bool  { return v.Digest != "text" && v.Digest != "sha256" }
func (v Variant) takesHMAC() bool { return v.Digest == "" || !v.takesRSA() }

// text performs step 4 of the signature, and returns the normalised body in base64url, followed by the timestamp's
// digits.
func (v Variant) text(found []leaf, timestamp string) []byte {
	encoding := base64.RawURLEncoding
	if v.Padding {
		encoding = base64.URLEncoding
	}
	normalised := normalise(found, v.Null)
	return append(encoding.AppendEncode(nil, []byte(normalised)), timestamp...)
}

// hashed returns the SHA-256 that RSA PKCS#1 v1.5 signs.
func (v Variant) hashed(text []byte) []byte {
	sum := sha256.Sum256(text)
	switch v.Digest {
	case "once":
	case "hex":
		sum = sha256.Sum256([]byte(hex.EncodeToString(sum[:])))
	default: // the SHA-256 is the message, and signing hashes the message again
		sum = sha256.Sum256(sum[:])
	}
	return sum[:]
}

func (v Variant) mac(text, secret []byte) []byte {
	if v.Digest == "sha256" {
		sum := sha256.Sum256(text)
		text = sum[:]
	}
	h := hmac.New(sha512.New, secret)
	h.Write(text)
	return h.Sum(nil)
}

func (v Variant) encode(signature []byte) string {
	if v.Encoding == "hex" {
		return hex.EncodeToString(signature)
	}
	return base64.RawURLEncoding.EncodeToString(signature)
}

func (v Variant) decode(signature string) ([]byte, error) {
	if v.Encoding == "hex" {
		raw, err := hex.DecodeString(signature)
		if err != nil || v.encode(raw) != signature {
			return nil, errors.New("is not hex in lower case")
		}
		return raw, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil {
		return nil, errors.New("is not base64url without padding")
	}
	return raw, nil
}

// verifyRSA returns an error that says what is wrong with a signature.
func (v Variant) verifyRSA(key *rsa.PublicKey, signature string, text []byte) error {
	raw, err := v.decode(signature)
	if err != nil {
		return err
	}
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, v.hashed(text), raw) != nil {
		return errors.New("does not verify with the project's public key")
	}
	return nil
}

func (v Variant) verifyHMAC(secret []byte, signature string, text []byte) error {
	raw, err := v.decode(signature)
	if err != nil {
		return err
	}
	if !hmac.Equal(raw, v.mac(text, secret)) {
		return errors.New("does not verify with the project's HMAC key")
	}
	return nil
}

func (v Variant) signRSA(key *rsa.PrivateKey, text []byte) (string, error) {
	raw, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, v.hashed(text))
	if err != nil {
		return "", fmt.Errorf("sign alert: %w", err)
	}
	return v.encode(raw), nil
}

// token returns the expected x-access-token of a project.
func (v Variant) token(key *rsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("public key: %w", err)
	}
	if v.Token == "pem" {
		der = bytes.TrimSpace(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	return base64.RawURLEncoding.EncodeToString(der), nil
}

// sameToken compares the token in a header with the project's token. A line break at the end of a PEM text is ignored.
func (v Variant) sameToken(want, got string) bool {
	if v.Token == "pem" {
		raw, err := base64.RawURLEncoding.DecodeString(got)
		return err == nil && base64.RawURLEncoding.EncodeToString(bytes.TrimSpace(raw)) == want
	}
	return got == want
}
