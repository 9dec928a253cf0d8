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

// Forms of an access token, see [AccessToken].
const (
	TokenDER = "der" // DER of SubjectPublicKeyInfo, the default
	TokenPEM = "pem" // SubjectPublicKeyInfo in PEM
)

// ParsePrivateKey reads the project's file private_key_….pem. The file contains an unencrypted RSA key in PKCS#8 or
// PKCS#1 form. The error says what the file contains and how to fix it.
func ParsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block := findBlock(text, "KEY")
	if block == nil {
		return nil, errors.New("private key: no PEM block found: use the file from HighHelp's dashboard, which begins with " +
			"-----BEGIN PRIVATE KEY-----")
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
	der, err := decodeBase64(string(bytes.Join(bytes.Fields(trimBOM(text)), nil)))
	if err != nil || len(der) == 0 {
		return nil, errors.New("public key: neither PEM nor base64: use the file from HighHelp's dashboard, " +
			"which begins with -----BEGIN PUBLIC KEY-----")
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
	secret := bytes.TrimSpace(trimBOM(text))
	if len(secret) == 0 {
		return nil, errors.New("HMAC key: the file is empty: use the file from HighHelp's dashboard, hmac_…_key_….txt")
	}
	return bytes.Clone(secret), nil
}

// findBlock returns the first PEM block whose type ends with suffix. If there is none, findBlock returns the first
// block of any type, for the error message.
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

// trimBOM removes the byte order mark that some editors add.
func trimBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\uFEFF")) }
