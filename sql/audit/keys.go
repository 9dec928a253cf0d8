package audit

import (
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Key is a secret that the hashes of entries are made with, so that the database alone is not enough to make them.
type Key struct {
	ID     string // stands in the entries
	Secret []byte
}

// Keys are those that verify entries. The first one is that of new entries.
type Keys []Key

var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// leastSecret is the least length of a secret in bytes: that of the hash.
const leastSecret = 32

// ReadKeys reads a file of keys, a line ID:SECRET each, the secret in base64. A file that other users of the system can
// read is refused. Errors show no secret.
func ReadKeys(file string) (Keys, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%s can be read by others: chmod o= %[1]s", file)
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
		if !keyID.MatchString(id) || err != nil || len(key.Secret) < leastSecret {
			return nil, fmt.Errorf("%s line %d: want ID:SECRET in plain text, the ID of letters, digits, \".\", \"_\" "+
				"and \"-\", the secret at least %d bytes in base64: openssl rand -base64 32 makes one", file, i+1, leastSecret)
		}
		if keys.find(id) != nil {
			return nil, fmt.Errorf("%s line %d: the key %q is there twice", file, i+1, id)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// find is the key with an ID, or nil.
func (k Keys) find(id string) *Key {
	i := slices.IndexFunc(k, func(key Key) bool { return key.ID == id })
	if i < 0 {
		return nil
	}
	return &k[i]
}
