package highhelp

import (
	"bytes"
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Forms of an access token, see [AccessToken].
const (
	TokenDER = "der" // DER of SubjectPublicKeyInfo, the default
	TokenPEM = "pem" // SubjectPublicKeyInfo in PEM
)

// ParsePrivateKey reads the project's file private_key_….pem. The file contains an unencrypted RSA key in PKCS#8 or
// PKCS#1 form, as PEM, DER, or base64 of either. PEM may be on one line, indented or in UTF-16. The
// error says what the file contains and how to fix it.
func ParsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block := findBlock(text, "KEY")
	if block == nil {
		return nil, errors.New("private key: neither PEM, DER nor base64 of a key: use the file from HighHelp's " +
			"dashboard, which begins with -----BEGIN PRIVATE KEY-----")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, errors.New("private key: the file is encrypted: decrypt it with `openssl pkey -in FILE -out " +
			"PLAIN.pem` and make it readable by this user only")
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("private key: PKCS#1 block cannot be read, download the file again: %w", err)
		}
		return key, nil
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("private key: PKCS#8 block cannot be read, download the file again: %w", err)
		}
		if key, ok := key.(*rsa.PrivateKey); ok {
			return key, nil
		}
		return nil, fmt.Errorf("private key: the key is a %T, but HighHelp needs RSA: use the project's RSA key", key)
	}
	return nil, fmt.Errorf("private key: the file contains a %q: use the private key, private_key_….pem", block.Type)
}

// ParsePublicKey reads an RSA public key. The text is PEM (SubjectPublicKeyInfo or PKCS#1), or base64 or base64url of
// the key's DER or PEM form, as HighHelp's dashboard shows it. The error says how to fix the input.
func ParsePublicKey(text []byte) (*rsa.PublicKey, error) {
	if block := findBlock(text, "KEY"); block != nil {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return nil, errors.New("public key: the file contains a private key: use the public key, and keep the private key " +
				"secret")
		}
		return parsePublicDER(block.Bytes)
	}
	return nil, errors.New("public key: neither PEM, DER nor base64 of a key: use the file from HighHelp's dashboard, " +
		"which begins with -----BEGIN PUBLIC KEY-----")
}

func parsePublicDER(der []byte) (*rsa.PublicKey, error) {
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("public key: cannot be read, copy it again from HighHelp's dashboard: %w", err)
	}
	if key, ok := key.(*rsa.PublicKey); ok {
		return key, nil
	}
	return nil, fmt.Errorf("public key: the key is a %T, but HighHelp needs RSA: use the RSA key", key)
}

// AccessToken returns the value of the header x-access-token for a project's public key. The value is the key in
// the given form, encoded as base64url without padding. An empty form means [TokenDER]. An unknown form or a nil
// key is an error.
//
// HighHelp API, Request headers.
func AccessToken(pub *rsa.PublicKey, form string) (string, error) {
	if err := oneOf("token form", cmp.Or(form, TokenDER), TokenDER, TokenPEM); err != nil {
		return "", err
	}
	if pub == nil {
		return "", errors.New("access token: the public key is missing")
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("access token: %w", err)
	}
	if form == TokenPEM {
		der = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	return base64.RawURLEncoding.EncodeToString(der), nil
}

// ParseSecret reads an HMAC key file and returns its text without surrounding white space. An empty file is an error.
func ParseSecret(text []byte) ([]byte, error) {
	secret := bytes.TrimSpace(decodeUTF16(text))
	if bytes.HasPrefix(secret, []byte("-----BEGIN")) {
		return nil, errors.New("HMAC key: the file contains a PEM key: use the file hmac_…_key_….txt from HighHelp's " +
			"dashboard")
	}
	if len(secret) == 0 {
		return nil, errors.New("HMAC key: the file is empty: use the file from HighHelp's dashboard, hmac_…_key_….txt")
	}
	return bytes.Clone(secret), nil
}

// findBlock returns the first PEM block whose type ends with suffix. If there is none, findBlock returns the first
// block of any type, for the error message. A key in DER, or in base64, is returned as a block.
func findBlock(text []byte, suffix string) (first *pem.Block) {
	if kind := typeOfDER(text); kind != "" {
		return &pem.Block{Type: kind, Bytes: text}
	}
	text = bytes.ReplaceAll(decodeUTF16(text), []byte(`\r`), nil)
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(`\n`), []byte("\n")), []byte("\r"), []byte("\n"))
	for rest := pemBorder.ReplaceAll(lineStart.ReplaceAll(text, nil), []byte("\n$1\n")); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if strings.HasSuffix(block.Type, suffix) {
			return block
		}
		if first == nil {
			first = block
		}
	}
	if der, err := decodeBase64(string(bytes.Join(bytes.Fields(text), nil))); first == nil && err == nil && len(der) > 0 {
		return findBlock(der, suffix)
	}
	return first
}

var (
	pemBorder = regexp.MustCompile(`\s*(-----(?:BEGIN|END) [A-Z0-9 ]+-----)\s*`)
	lineStart = regexp.MustCompile(`(?m)^[ \t"']+`)
)

// typeOfDER returns the PEM type of a key in DER, or "" if the text is not a key in DER.
func typeOfDER(der []byte) string {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "PRIVATE KEY"
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "RSA PRIVATE KEY"
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return "PUBLIC KEY"
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return "RSA PUBLIC KEY"
	}
	return ""
}

// decodeUTF16 removes the byte order mark that some editors add, and converts UTF-16 with a mark to UTF-8.
func decodeUTF16(text []byte) []byte {
	order := binary.ByteOrder(binary.LittleEndian)
	switch {
	case bytes.HasPrefix(text, []byte("\xFE\xFF")):
		order = binary.BigEndian
	case !bytes.HasPrefix(text, []byte("\xFF\xFE")):
		return bytes.TrimPrefix(text, []byte("\uFEFF"))
	}
	var units []uint16
	for text = text[2:]; len(text) > 1; text = text[2:] {
		units = append(units, order.Uint16(text))
	}
	return []byte(string(utf16.Decode(units)))
}
