package highhelp

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// The headers of requests and alerts. HighHelp API, Request headers.
const (
	HeaderTimestamp  = "x-access-timestamp"
	HeaderMerchantID = "x-access-merchant-id"
	HeaderToken      = "x-access-token"
	HeaderSignature  = "x-access-signature"
	HeaderAlgorithm  = "x-access-merchant-algorithm"
)

// The canonical names of headers, computed only once.
var timestampKey, signatureKey = http.CanonicalHeaderKey(HeaderTimestamp), http.CanonicalHeaderKey(HeaderSignature)

// Signing has the keys and the signature variant of a project.
//
// HighHelp API, Signature.
type Signing struct {
	Variant    Variant
	PrivateKey *rsa.PrivateKey // RSA-SHA256, see ParsePrivateKey
	Secret     []byte          // HMAC-SHA512, see ParseSecret; never sent

	// AccessToken is the value of x-access-token. The default is the public key of PrivateKey in the form
	// [TokenDER]. With HMAC-SHA512 and no PrivateKey, the field is required. Use the function AccessToken, or copy
	// the token from the cabinet.
	AccessToken string
}

// Validate returns an error that names every missing or wrong setting and how to fix it.
func (s Signing) Validate() error {
	faults := []error{s.Variant.Validate()}
	switch {
	case s.Variant.filled().Algorithm == AlgorithmRSA && s.PrivateKey == nil:
		faults = append(faults, errors.New("no private key: RSA-SHA256 needs the project's private_key_….pem"))
	case s.Variant.Algorithm == AlgorithmHMAC && len(s.Secret) == 0:
		faults = append(faults, errors.New("no secret: HMAC-SHA512 needs the project's hmac_private_key_….txt"))
	}
	return errors.Join(faults...)
}

// Sign returns the value of x-access-signature for a body and a timestamp. The timestamp is in Unix seconds and is the
// value of x-access-timestamp. The body must be one JSON object, and must be sent without any change. Sign returns an
// error if Validate or Normalise fails.
//
// HighHelp API, Signature.
func (s Signing) Sign(body []byte, timestamp int64) (string, error) {
	if err := s.Validate(); err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	text, err := s.Variant.text(body)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return s.signText(text, strconv.FormatInt(timestamp, 10))
}

// text performs steps 1 to 4 of the signature, without the timestamp. All attempts of one call share the result.
func (v Variant) text(body []byte) (string, error) {
	lines, err := Normalise(body, v.Null)
	if err != nil {
		return "", err
	}
	if v.Padding {
		return base64.URLEncoding.EncodeToString([]byte(lines)), nil
	}
	return base64.RawURLEncoding.EncodeToString([]byte(lines)), nil
}

// signText performs the remaining steps. digits is the attempt's timestamp.
func (s Signing) signText(text, digits string) (string, error) {
	v := s.Variant.filled()
	if v.Algorithm == AlgorithmHMAC {
		mac := v.mac(s.Secret, text+digits)
		if v.Encoding == EncodingHex {
			return hex.EncodeToString(mac), nil
		}
		return base64.RawURLEncoding.EncodeToString(mac), nil
	}
	sum := v.hash(text + digits)
	signature, err := rsa.SignPKCS1v15(nil, s.PrivateKey, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(signature), nil
}

// hash returns the hash that PKCS#1 v1.5 signs. By default the text is hashed twice. The hash from step 5 is the
// message, and signing hashes the message again.
func (v Variant) hash(text string) [sha256.Size]byte {
	sum := sha256.Sum256([]byte(text))
	switch v.Digest {
	case DigestOnce:
		return sum
	case DigestHex:
		return sha256.Sum256([]byte(hex.EncodeToString(sum[:])))
	default:
		return sha256.Sum256(sum[:])
	}
}

func (v Variant) mac(secret []byte, text string) []byte {
	message := []byte(text)
	if v.Digest == DigestSHA256 {
		sum := sha256.Sum256(message)
		message = sum[:]
	}
	mac := hmac.New(sha512.New, secret)
	mac.Write(message)
	return mac.Sum(nil)
}

// fixedHeader returns the headers that all requests share.
func (s Signing) fixedHeader(projectID string) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "application/json")
	h.Set("User-Agent", "hhrecon")
	h.Set(HeaderMerchantID, projectID)
	h.Set(HeaderToken, s.AccessToken)
	if name := s.Variant.filled().AlgorithmHeader; name != HeaderNone {
		h.Set(HeaderAlgorithm, name)
	}
	return h
}

// headers returns a copy of the fixed headers with the timestamp and signature of one attempt.
func (s Signing) headers(fixed http.Header, text string, unix int64) (http.Header, error) {
	digits := strconv.FormatInt(unix, 10)
	signature, err := s.signText(text, digits)
	if err != nil {
		return nil, err
	}
	h := maps.Clone(fixed) // a shallow copy, since the values never change
	h[timestampKey], h[signatureKey] = []string{digits}, []string{signature}
	return h, nil
}

// String returns the variant without keys, so a Config can be logged.
func (s Signing) String() string { return "Signing(" + s.Variant.String() + ")" }

// GoString returns the same as String, so %#v shows no keys.
func (s Signing) GoString() string { return s.String() }

// LogValue returns the same as String, for log/slog.
func (s Signing) LogValue() slog.Value { return slog.StringValue(s.String()) }

// headerValue returns an error if an HTTP header cannot contain the value, for example because of a pasted line break.
func headerValue(name, value string) error {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("%s contains a line break or a non-ASCII character: write it as one plain line", name)
	}
	return nil
}

// token returns the value of x-access-token.
func (s Signing) token() (string, error) {
	switch token := strings.TrimSpace(s.AccessToken); {
	case token != "":
		return token, headerValue("access token", token)
	case s.PrivateKey != nil:
		return AccessToken(&s.PrivateKey.PublicKey, TokenDER)
	case s.Variant.Algorithm == AlgorithmHMAC:
		return "", errors.New("no access token and no private key to derive the token from: copy the project's public " +
			"key from HighHelp's dashboard")
	}
	return "", nil // Validate reports the missing private key
}
