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

// In the spelling of http.Header's keys: bringing them into it would cost every request a little.
var timestampKey, signatureKey = http.CanonicalHeaderKey(HeaderTimestamp), http.CanonicalHeaderKey(HeaderSignature)

// Signing is how a register signs: the variant and the keys it needs.
type Signing struct {
	Variant    Variant
	PrivateKey *rsa.PrivateKey // RSA-SHA256, see ParsePrivateKey
	Secret     []byte          // HMAC-SHA512, see ParseSecret; never sent

	// AccessToken is the value of x-access-token. By default it is PrivateKey's public
	// half in the form [TokenDER]; with HMAC-SHA512 alone it must be set, see the
	// function AccessToken or paste what the cabinet shows.
	AccessToken string
}

// Validate names everything that is missing for signing with the variant, each with its cure.
func (s Signing) Validate() error {
	faults := []error{s.Variant.Validate()}
	switch {
	case s.Variant.filled().Algorithm == AlgorithmRSA && s.PrivateKey == nil:
		faults = append(faults, errors.New("no private key: RSA-SHA256 needs the register's private_key_….pem"))
	case s.Variant.Algorithm == AlgorithmHMAC && len(s.Secret) == 0:
		faults = append(faults, errors.New("no secret: HMAC-SHA512 needs the register's hmac_private_key_….txt"))
	}
	return errors.Join(faults...)
}

// Sign gives the value of x-access-signature for a body that is sent or received
// exactly so, with the timestamp (Unix seconds) that goes into x-access-timestamp.
// The body must be one JSON object.
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

// text is steps 1 to 4 but for the timestamp: the same for every try of one call.
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

// signText is the rest of the steps, with the digits of this very try.
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

// hash is what PKCS#1 v1.5 signs. Twice is HighHelp's own reading as far as anyone
// saw: step 5's 32 bytes are the message, and signing hashes a message.
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

// fixedHeader is what the headers of every request have in common.
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

// headers adds those of one try to a copy of the fixed ones.
func (s Signing) headers(fixed http.Header, text string, unix int64) (http.Header, error) {
	digits := strconv.FormatInt(unix, 10)
	signature, err := s.signText(text, digits)
	if err != nil {
		return nil, err
	}
	h := maps.Clone(fixed) // nobody changes the values
	h[timestampKey], h[signatureKey] = []string{digits}, []string{signature}
	return h, nil
}

// String shows the variant and no key, so that a logged Config gives nothing away.
func (s Signing) String() string { return "Signing(" + s.Variant.String() + ")" }

// GoString is String: %#v gives nothing away either.
func (s Signing) GoString() string { return s.String() }

// LogValue is String for log/slog.
func (s Signing) LogValue() slog.Value { return slog.StringValue(s.String()) }

// headerValue refuses what a header cannot carry: a pasted line end most of all.
func headerValue(name, value string) error {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("%s holds a line end or a character outside ASCII: write it as one plain line", name)
	}
	return nil
}

// token is the access token that requests carry.
func (s Signing) token() (string, error) {
	switch token := strings.TrimSpace(s.AccessToken); {
	case token != "":
		return token, headerValue("access token", token)
	case s.PrivateKey != nil:
		return AccessToken(&s.PrivateKey.PublicKey, TokenDER)
	case s.Variant.Algorithm == AlgorithmHMAC:
		return "", errors.New("no access token: HMAC-SHA512 alone has no public key to make it from, paste the register's " +
			"public key from the cabinet")
	}
	return "", nil // Validate has said that the private key is missing
}
