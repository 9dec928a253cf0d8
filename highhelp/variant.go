package highhelp

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The values of [Variant]. The first of each group is the default.
const (
	AlgorithmRSA  = "RSA-SHA256"
	AlgorithmHMAC = "HMAC-SHA512"

	DigestTwice = "twice" // RSA signs the text's SHA-256 as the message, so the text is hashed twice
	DigestOnce  = "once"  // RSA signs the text as the message
	DigestHex   = "hex"   // RSA signs the text's SHA-256 in lower-case hexadecimal as the message

	DigestText   = "text"   // HMAC of the text
	DigestSHA256 = "sha256" // HMAC of the text's SHA-256

	EncodingBase64URL = "base64url" // without trailing =
	EncodingHex       = "hex"       // lower case; only for HMAC

	HeaderNone = "none" // value of AlgorithmHeader: the header is not sent
)

// Variant selects the details of the signature that HighHelp does not document. An empty field means the default.
//
// HighHelp API, Signature.
type Variant struct {
	Algorithm string `yaml:"algorithm,omitempty" json:"algorithm,omitempty"` // RSA-SHA256 | HMAC-SHA512
	Null      string `yaml:"null_as,omitempty" json:"null_as,omitempty"`     // None | empty | omit | null (quoted in YAML)
	// keep the = padding of the base64url text that is signed
	Padding bool `yaml:"padding,omitempty" json:"padding,omitempty"`
	// RSA: twice | once | hex; HMAC: text | sha256
	Digest   string `yaml:"digest,omitempty" json:"digest,omitempty"`
	Encoding string `yaml:"encoding,omitempty" json:"encoding,omitempty"` // base64url; HMAC also hex

	// AlgorithmHeader is the value of x-access-merchant-algorithm. The default is no header for RSA-SHA256, and
	// HMAC-SHA512 for HMAC-SHA512. "none" means no header.
	AlgorithmHeader string `yaml:"algorithm_header,omitempty" json:"algorithm_header,omitempty"`
}

// Validate returns an error that names every invalid value and the allowed values.
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

// filled returns v with all defaults set.
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

// String returns a short form for logs, such as RSA-SHA256 twice base64url null=None unpadded header=none.
func (v Variant) String() string {
	f := v.filled()
	padding := "unpadded"
	if f.Padding {
		padding = "padded"
	}
	return fmt.Sprintf("%s %s %s null=%s %s header=%s", f.Algorithm, f.Digest, f.Encoding, f.Null, padding,
		f.AlgorithmHeader)
}

// RequestVariants lists the variants that a probe of the request keys tries, likely variants first. The first is the
// default. A request contains no null, so Null always has its default. If the length of payment_id is a multiple of 3,
// padded and unpadded variants have the same signature.
func RequestVariants(hasRSA, hasHMAC bool) []Variant {
	var all []Variant
	for _, header := range []string{"", AlgorithmRSA} {
		for _, v := range rsaVariants(hasRSA) {
			v.AlgorithmHeader = header
			all = append(all, v)
		}
	}
	for _, header := range []string{"", strings.ToLower(AlgorithmHMAC), "HMAC", HeaderNone} {
		for _, v := range hmacVariants(hasHMAC) {
			v.AlgorithmHeader = header
			all = append(all, v)
		}
	}
	return all
}

// AlertVariants lists the variants that a probe of a recorded alert tries. The first is the default. An alert contains
// nulls, so Null varies too.
func AlertVariants(hasRSA, hasHMAC bool) []Variant {
	var all []Variant
	for _, null := range []string{NullNone, NullEmpty, NullOmit, NullNull} {
		for _, v := range append(rsaVariants(hasRSA), hmacVariants(hasHMAC)...) {
			if null != NullNone { // the default is the zero value
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

// oneOf returns an error if word is not one of the allowed values.
func oneOf(name, word string, allowed ...string) error {
	if slices.Contains(allowed, word) {
		return nil
	}
	return fmt.Errorf("%s is %.40q: write one of %s", name, word, strings.Join(allowed, ", "))
}
