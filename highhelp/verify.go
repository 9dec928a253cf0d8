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

// ErrBadSignature means that an alert's signature is not a valid signature of HighHelp, or that there is no key to
// verify the signature. Respond with 401 and change nothing.
var ErrBadSignature = errors.New("bad signature")

// AlertKey has the keys that verify alerts. The keys are in HighHelp's dashboard under Callback settings, and
// differ from the keys that sign requests.
//
// HighHelp API, Alerts; Signature.
type AlertKey struct {
	Variant   Variant
	PublicKey *rsa.PublicKey // RSA-SHA256, see ParsePublicKey
	Secret    []byte         // HMAC-SHA512, see ParseSecret

	// A second public key, which is also accepted while HighHelp replaces the first key; nil if there is no second key.
	NextPublicKey *rsa.PublicKey
	NextSecret    []byte
}

// Validate returns an error that says what is missing and how to fix it.
func (k AlertKey) Validate() error {
	if err := k.Variant.Validate(); err != nil {
		return err
	}
	if k.Variant.Algorithm == AlgorithmHMAC && len(k.Secret) == 0 {
		return errors.New("no alert secret: HMAC-SHA512 needs hmac_callback_key_….txt " +
			"from Callback settings in HighHelp's dashboard")
	}
	if k.Variant.Algorithm != AlgorithmHMAC && k.PublicKey == nil {
		return errors.New("no alert key: RSA-SHA256 needs the public key from Callback settings in HighHelp's dashboard")
	}
	return nil
}

// CheckHeaders rejects headers that cannot be valid for any body. CheckHeaders rejects a timestamp
// without exactly ten digits, and a signature with an encoding or length that is wrong for the key. The
// check is fast. Errors: ErrBadSignature.
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

// VerifyAlert checks the signature of an alert. body must be exactly as received. The digest is the SHA-256 of the
// signed text without the timestamp, in hexadecimal. Two bodies with the same digest are the same alert.
//
// Every error is ErrBadSignature with a reason. Without a key, no alert is accepted. A body is rejected if its
// signed text is also the text of a body with other values. The age of the timestamp is not checked, because
// HighHelp may send an alert again with the old timestamp (see [AlertTime]). Only key.Variant selects the algorithm.
// The headers cannot change it.
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

// Verify checks the body of an alert or a request with its x-access-timestamp and x-access-signature. Errors:
// ErrBadSignature.
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
	return fmt.Errorf("%w: wrong key, wrong variant, or changed body", ErrBadSignature)
}

// publicKeys returns the public keys, or none if the variant uses HMAC.
func (k AlertKey) publicKeys() []*rsa.PublicKey {
	return slices.DeleteFunc([]*rsa.PublicKey{k.PublicKey, k.NextPublicKey}, func(key *rsa.PublicKey) bool {
		return key == nil || k.Variant.Algorithm == AlgorithmHMAC
	})
}

// decode decodes a signature and checks that the signature's length is correct for one of the keys.
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

// AlertTime returns the time at which an alert was signed, in UTC. Errors: ErrBadSignature.
//
// HighHelp API, Request headers.
func AlertTime(h http.Header) (time.Time, error) {
	digits, err := alertDigits(h)
	if err != nil {
		return time.Time{}, err
	}
	seconds, _ := strconv.ParseInt(digits, 10, 64) // ten digits always fit into an int64
	return time.Unix(seconds, 0).UTC(), nil
}

// alertDigits returns the timestamp as written. The timestamp must have ten digits (years 2001 to 2286).
// HighHelp signs the text followed by the digits. With a variable length, an attacker could move a digit from
// the text to the timestamp.
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
		return "", fmt.Errorf("%w: %d headers named %s instead of one", ErrBadSignature, len(values), name)
	}
	return strings.TrimSpace(values[0]), nil
}

func decodeSignature(text, encoding string) ([]byte, error) {
	if encoding == EncodingHex {
		return hex.DecodeString(text)
	}
	return decodeBase64(text)
}

// decodeBase64 decodes base64 or base64url, with or without padding.
func decodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	return base64.RawURLEncoding.DecodeString(text)
}

// String returns the variant without keys.
func (k AlertKey) String() string { return "AlertKey(" + k.Variant.String() + ")" }

// GoString returns the same as String, so %#v shows no keys.
func (k AlertKey) GoString() string { return k.String() }

// LogValue returns the same as String, for log/slog.
func (k AlertKey) LogValue() slog.Value { return slog.StringValue(k.String()) }
