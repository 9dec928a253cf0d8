package highhelp

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The words of [Variant]. The first of each group is its default.
const (
	AlgorithmRSA  = "RSA-SHA256"
	AlgorithmHMAC = "HMAC-SHA512"

	DigestTwice = "twice" // RSA: SHA-256 of the text is the message, so it is hashed twice
	DigestOnce  = "once"  // RSA: the text is the message
	DigestHex   = "hex"   // RSA: the lower-case hex of the text's SHA-256 is the message

	DigestText   = "text"   // HMAC: over the text
	DigestSHA256 = "sha256" // HMAC: over the text's SHA-256

	EncodingBase64URL = "base64url" // without =
	EncodingHex       = "hex"       // lower case; HMAC only

	HeaderNone = "none" // as AlgorithmHeader: the header is not sent
)

// Variant is one reading of what HighHelp's signature page leaves open. The zero
// value is the default; an empty word stands for its group's default.
//
// HighHelp API, Signature.
type Variant struct {
	Algorithm string `yaml:"algorithm,omitempty" json:"algorithm,omitempty"` // RSA-SHA256 | HMAC-SHA512
	Null      string `yaml:"null_as,omitempty" json:"null_as,omitempty"`     // None | empty | omit | null (quoted in YAML)
	// base64url of the normalised text keeps its =
	Padding bool `yaml:"padding,omitempty" json:"padding,omitempty"`
	// RSA: twice | once | hex; HMAC: text | sha256
	Digest   string `yaml:"digest,omitempty" json:"digest,omitempty"`
	Encoding string `yaml:"encoding,omitempty" json:"encoding,omitempty"` // base64url; HMAC also hex

	// AlgorithmHeader is the value of x-access-merchant-algorithm. By default it is
	// not sent for RSA-SHA256 and is HMAC-SHA512 for HMAC-SHA512; "none" never sends it.
	AlgorithmHeader string `yaml:"algorithm_header,omitempty" json:"algorithm_header,omitempty"`
}

// Validate names every word that is not allowed, with those that are.
func (v Variant) Validate() error {
	v = v.filled()
	digests, encodings := []string{DigestTwice, DigestOnce, DigestHex}, []string{EncodingBase64URL}
	if v.Algorithm == AlgorithmHMAC {
		digests, encodings = []string{DigestText, DigestSHA256}, []string{EncodingBase64URL, EncodingHex}
	}
	return errors.Join(
		oneOf("algorithm", v.Algorithm, AlgorithmRSA, AlgorithmHMAC),
		oneOf("null_as", v.Null, NullNone, NullEmpty, NullOmit, NullNull),
		oneOf("digest of "+v.Algorithm, v.Digest, digests...),
		oneOf("encoding of "+v.Algorithm, v.Encoding, encodings...),
		headerValue("algorithm_header", v.AlgorithmHeader),
	)
}

// filled is v with every default written out.
func (v Variant) filled() Variant {
	v.Algorithm = cmp.Or(v.Algorithm, AlgorithmRSA)
	v.Null = cmp.Or(v.Null, NullNone)
	v.Encoding = cmp.Or(v.Encoding, EncodingBase64URL)
	if v.Algorithm == AlgorithmHMAC {
		v.Digest = cmp.Or(v.Digest, DigestText)
		v.AlgorithmHeader = cmp.Or(v.AlgorithmHeader, AlgorithmHMAC)
	} else {
		v.Digest = cmp.Or(v.Digest, DigestTwice)
		v.AlgorithmHeader = cmp.Or(v.AlgorithmHeader, HeaderNone)
	}
	return v
}

// String is compact, for logs and probes: RSA-SHA256 twice base64url null=None unpadded header=none.
func (v Variant) String() string {
	f := v.filled()
	padding := "unpadded"
	if f.Padding {
		padding = "padded"
	}
	return fmt.Sprintf("%s %s %s null=%s %s header=%s", f.Algorithm, f.Digest, f.Encoding, f.Null, padding,
		f.AlgorithmHeader)
}

// RequestVariants lists what a probe of the request keys tries, the default first,
// then the likelier before the less likely. Requests carry no null, so Null is left at
// its default. With a payment_id whose length is a multiple of 3 the padded ones sign
// exactly like the unpadded ones.
func RequestVariants(hasRSA, hasHMAC bool) []Variant {
	var all []Variant
	for _, header := range []string{"", AlgorithmRSA} {
		for _, v := range rsaVariants(hasRSA) {
			v.AlgorithmHeader = header
			all = append(all, v)
		}
	}
	for _, header := range []string{"", strings.ToLower(AlgorithmHMAC)} {
		for _, v := range hmacVariants(hasHMAC) {
			v.AlgorithmHeader = header
			all = append(all, v)
		}
	}
	return all
}

// AlertVariants lists what a probe of one captured alert tries, the default first;
// unlike a request, an alert carries nulls.
func AlertVariants(hasRSA, hasHMAC bool) []Variant {
	var all []Variant
	for _, null := range []string{NullNone, NullEmpty, NullOmit, NullNull} {
		for _, v := range append(rsaVariants(hasRSA), hmacVariants(hasHMAC)...) {
			if null != NullNone { // the default stays the zero value
				v.Null = null
			}
			all = append(all, v)
		}
	}
	return all
}

func rsaVariants(have bool) []Variant {
	if !have {
		return nil
	}
	var all []Variant
	for _, digest := range []string{"", DigestOnce, DigestHex} {
		for _, padding := range []bool{false, true} {
			all = append(all, Variant{Digest: digest, Padding: padding})
		}
	}
	return all
}

func hmacVariants(have bool) []Variant {
	if !have {
		return nil
	}
	var all []Variant
	for _, encoding := range []string{"", EncodingHex} {
		for _, digest := range []string{"", DigestSHA256} {
			for _, padding := range []bool{false, true} {
				all = append(all, Variant{Algorithm: AlgorithmHMAC, Digest: digest, Encoding: encoding, Padding: padding})
			}
		}
	}
	return all
}

// oneOf is nil if word is one of the allowed ones.
func oneOf(name, word string, allowed ...string) error {
	if slices.Contains(allowed, word) {
		return nil
	}
	return fmt.Errorf("%s is %.40q: write one of %s", name, word, strings.Join(allowed, ", "))
}
