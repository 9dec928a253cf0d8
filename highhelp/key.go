package highhelp

import (
	"bytes"
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// The forms of an access token, see [AccessToken].
const (
	TokenDER = "der" // DER of SubjectPublicKeyInfo, the default
	TokenPEM = "pem" // the PEM text of the same
)

// ParsePrivateKey reads the register's private_key_….pem: RSA, PKCS#8 or PKCS#1, not
// encrypted. An error says what was found instead and what to do.
func ParsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block := findBlock(text, "KEY")
	if block == nil {
		return nil, errors.New("private key: no PEM block found: give the file from the cabinet, it begins with " +
			"-----BEGIN PRIVATE KEY-----")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, errors.New("private key: the file is encrypted: write a plain one with `openssl pkey -in FILE -out " +
			"PLAIN.pem` and keep it readable by this user only")
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
		return nil, fmt.Errorf("private key: it is a %T, HighHelp signs with RSA: give the register's RSA key", key)
	}
	return nil, fmt.Errorf("private key: the file holds a %q: give the private key, private_key_….pem", block.Type)
}

// ParsePublicKey reads an RSA public key: PEM (SubjectPublicKeyInfo or PKCS#1), or
// the base64 text of its DER or PEM in either alphabet, as cabinets show it.
func ParsePublicKey(text []byte) (*rsa.PublicKey, error) {
	if block := findBlock(text, "KEY"); block != nil {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return nil, errors.New("public key: the file holds a private key: give the public key and keep the private one " +
				"where it was")
		}
		return parsePublicDER(block.Bytes)
	}
	der, err := decodeBase64(string(bytes.Join(bytes.Fields(trimBOM(text)), nil)))
	if err != nil || len(der) == 0 {
		return nil, errors.New("public key: neither PEM nor base64: give the file from the cabinet, it begins with " +
			"-----BEGIN PUBLIC KEY-----")
	}
	if block := findBlock(der, "PUBLIC KEY"); block != nil {
		der = block.Bytes
	}
	return parsePublicDER(der)
}

func parsePublicDER(der []byte) (*rsa.PublicKey, error) {
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("public key: cannot be read, copy it again from the cabinet: %w", err)
	}
	if key, ok := key.(*rsa.PublicKey); ok {
		return key, nil
	}
	return nil, fmt.Errorf("public key: it is a %T, HighHelp signs with RSA: give the RSA key", key)
}

// AccessToken is the value of x-access-token for a register's public key:
// base64url without = of the form, "" being [TokenDER].
//
// HighHelp API, Request headers.
func AccessToken(pub *rsa.PublicKey, form string) (string, error) {
	if err := oneOf("token form", cmp.Or(form, TokenDER), TokenDER, TokenPEM); err != nil {
		return "", err
	}
	if pub == nil {
		return "", errors.New("access token: no public key given")
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

// ParseSecret reads an HMAC key file: its text without the white space around it.
func ParseSecret(text []byte) ([]byte, error) {
	secret := bytes.TrimSpace(trimBOM(text))
	if len(secret) == 0 {
		return nil, errors.New("HMAC key: the file is empty: give the file from the cabinet, hmac_…_key_….txt")
	}
	return bytes.Clone(secret), nil
}

// findBlock is the first PEM block whose type ends so, else the first of all, so
// that an error can name it.
func findBlock(text []byte, suffix string) (first *pem.Block) {
	for rest := trimBOM(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return first
		}
		if strings.HasSuffix(block.Type, suffix) {
			return block
		}
		if first == nil {
			first = block
		}
	}
}

// trimBOM takes off the mark that some editors put before a text.
func trimBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\uFEFF")) }
