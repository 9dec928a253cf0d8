package highhelp

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrBadSignature says that an alert does not prove to come from HighHelp, or that
// there is no key to prove it with. Answer 401 and change nothing.
var ErrBadSignature = errors.New("bad signature")

// AlertKey is what alerts are verified with: the key under Callback settings in the
// cabinet, which is not the one that requests are signed with.
type AlertKey struct {
	Variant   Variant
	PublicKey *rsa.PublicKey // RSA-SHA256, see ParsePublicKey
	Secret    []byte         // HMAC-SHA512, see ParseSecret

	// A second key that proves alerts too, while the first is being replaced; nil for none.
	NextPublicKey *rsa.PublicKey
	NextSecret    []byte
}

// Validate says what is missing for verifying with the variant, with its cure.
func (k AlertKey) Validate() error {
	if err := k.Variant.Validate(); err != nil {
		return err
	}
	if k.Variant.Algorithm == AlgorithmHMAC && len(k.Secret) == 0 {
		return errors.New("no alert secret: HMAC-SHA512 needs hmac_callback_key_….txt from the cabinet, Callback settings")
	}
	if k.Variant.Algorithm != AlgorithmHMAC && k.PublicKey == nil {
		return errors.New("no alert key: RSA-SHA256 needs the public key from the cabinet, Callback settings")
	}
	return nil
}

// CheckHeaders refuses headers that prove no body, whatever it is: a timestamp that
// is not ten digits, or a signature of another encoding or length than the key's. It
// is cheap. The error is ErrBadSignature.
func (k AlertKey) CheckHeaders(h http.Header) error {
	if _, err := alertDigits(h); err != nil {
		return err
	}
	signature, err := single(h, HeaderSignature)
	if err == nil {
		_, err = k.decode(signature)
	}
	return err
}

// VerifyAlert proves an alert's body, exactly as received, by its headers, and returns
// the SHA-256 of the text that was signed, in hex, without the timestamp: two bodies
// with one digest are the same alert. Any fault is ErrBadSignature with its reason, and
// so is a body that shares its text with one that says something else; without a key
// no alert is accepted. The timestamp's age is not enforced, since a redelivery may keep
// the old one: see [AlertTime]. The pinned variant decides, whatever the headers say of
// algorithms.
//
// HighHelp API, Alerts; Signature.
func VerifyAlert(body []byte, h http.Header, key AlertKey) (digest string, err error) {
	if err := key.CheckHeaders(h); err != nil {
		return "", err
	}
	digits, _ := alertDigits(h)
	signature, _ := single(h, HeaderSignature)
	if err := key.Verify(body, digits, signature); err != nil {
		return "", err
	}
	text, err := signedText(body, key.Variant.filled().Null)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	return Digest([]byte(text)), nil
}

// Verify proves a body by the values of x-access-timestamp and x-access-signature,
// of an alert or of a request alike. The error is ErrBadSignature.
func (k AlertKey) Verify(body []byte, timestamp, signature string) error {
	given, err := k.decode(signature)
	if err != nil {
		return err
	}
	text, err := k.Variant.text(body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	v := k.Variant.filled()
	for _, secret := range [][]byte{k.Secret, k.NextSecret} {
		if v.Algorithm == AlgorithmHMAC && len(secret) > 0 && hmac.Equal(given, v.mac(secret, text+timestamp)) {
			return nil
		}
	}
	for _, key := range k.publicKeys() {
		sum := v.hash(text + timestamp)
		if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], given) == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: another key, another variant, or a changed body", ErrBadSignature)
}

// publicKeys are those that the variant verifies with.
func (k AlertKey) publicKeys() []*rsa.PublicKey {
	return slices.DeleteFunc([]*rsa.PublicKey{k.PublicKey, k.NextPublicKey}, func(key *rsa.PublicKey) bool {
		return key == nil || k.Variant.Algorithm == AlgorithmHMAC
	})
}

// decode is a signature of the right length for one of the keys.
func (k AlertKey) decode(signature string) ([]byte, error) {
	if err := k.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	v, sizes := k.Variant.filled(), []int{sha512.Size}
	if keys := k.publicKeys(); len(keys) > 0 {
		sizes = slices.Compact([]int{keys[0].Size(), keys[len(keys)-1].Size()})
	}
	if len(signature) > hex.EncodedLen(slices.Max(sizes)) {
		return nil, fmt.Errorf("%w: %s is too long", ErrBadSignature, HeaderSignature)
	}
	given, err := decodeSignature(signature, v.Encoding)
	if err != nil || !slices.Contains(sizes, len(given)) {
		return nil, fmt.Errorf("%w: %s is not %d bytes in %s", ErrBadSignature, HeaderSignature, sizes, v.Encoding)
	}
	return given, nil
}

// AlertTime is when an alert was signed, for logs of its age. The error is ErrBadSignature.
func AlertTime(h http.Header) (time.Time, error) {
	digits, err := alertDigits(h)
	if err != nil {
		return time.Time{}, err
	}
	seconds, _ := strconv.ParseInt(digits, 10, 64) // ten digits always fit
	return time.Unix(seconds, 0).UTC(), nil
}

// alertDigits is the timestamp as it stands. It must have ten digits (2001 to 2286):
// what is signed is text and digits in one, so with a free length a digit could
// move from one to the other under the same signature.
func alertDigits(h http.Header) (string, error) {
	digits, err := single(h, HeaderTimestamp)
	if err != nil {
		return "", err
	}
	if len(digits) != 10 || strings.Trim(digits, "0123456789") != "" {
		return "", fmt.Errorf("%w: %s is %.30q, not ten digits of Unix seconds", ErrBadSignature, HeaderTimestamp, digits)
	}
	return digits, nil
}

func single(h http.Header, name string) (string, error) {
	values := h.Values(name)
	if len(values) != 1 || values[0] == "" {
		return "", fmt.Errorf("%w: %d headers %s, not one", ErrBadSignature, len(values), name)
	}
	return strings.TrimSpace(values[0]), nil
}

func decodeSignature(text, encoding string) ([]byte, error) {
	if encoding == EncodingHex {
		return hex.DecodeString(text)
	}
	return decodeBase64(text)
}

// decodeBase64 takes base64 of either alphabet, padded or not.
func decodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	return base64.RawURLEncoding.DecodeString(text)
}

// String shows the variant and no key.
func (k AlertKey) String() string { return "AlertKey(" + k.Variant.String() + ")" }

// GoString is String: %#v gives nothing away either.
func (k AlertKey) GoString() string { return k.String() }

// LogValue is String for log/slog.
func (k AlertKey) LogValue() slog.Value { return slog.StringValue(k.String()) }
