package audit

import (
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Key is a secret for the hashes of entries. Without the key, a person with access to the database cannot forge
// entries.
type Key struct {
	ID     string // saved in the entries
	Secret []byte
}

// Keys verify entries. New entries use the first key.
type Keys []Key

var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// minSecret is the minimum length of a secret in bytes. It is also the length of the hash.
const minSecret = 32

// ReadKeys reads a file with one key per line: ID:SECRET, with the secret in base64. ReadKeys rejects a file that other
// users of the system can read. Errors do not contain secrets.
func ReadKeys(file string) (Keys, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("other users can read %s; run: chmod o= %[1]s", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var keys Keys
	for i, line := range strings.Split(strings.TrimRight(string(text), "\r\n"), "\n") {
		id, secret, _ := strings.Cut(strings.TrimSpace(line), ":")
		key := Key{ID: id}
		key.Secret, err = base64.StdEncoding.DecodeString(secret)
		if !keyID.MatchString(id) || err != nil || len(key.Secret) < minSecret {
			return nil, fmt.Errorf("%s line %d: write ID:SECRET in plain text; the ID may have letters, digits, \".\", "+
				"\"_\" and \"-\"; the secret needs at least %d bytes in base64, as \"openssl rand -base64 32\" prints",
				file, i+1, minSecret)
		}
		if keys.find(id) != nil {
			return nil, fmt.Errorf("%s line %d: the key %q occurs twice", file, i+1, id)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// find returns the key with an ID, or nil.
func (k Keys) find(id string) *Key {
	i := slices.IndexFunc(k, func(key Key) bool { return key.ID == id })
	if i < 0 {
		return nil
	}
	return &k[i]
}
