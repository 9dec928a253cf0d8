package web

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// hashing is what a password costs: OWASP's choice for argon2id, 19 MiB a try.
var hashing = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// The lengths of a password, in characters and in bytes.
const (
	LeastPassword = 10
	mostPassword  = 1024
)

// HashPassword makes the hash that a user is kept with. It refuses a password that is too short or too long.
func HashPassword(password string) (string, error) {
	switch {
	case utf8.RuneCountInString(password) < LeastPassword:
		return "", fmt.Errorf("the password is too short: at least %d characters", LeastPassword)
	case len(password) > mostPassword:
		return "", fmt.Errorf("the password is too long: at most %d bytes", mostPassword)
	}
	return argon2id.CreateHash(password, &hashing)
}

// CheckHash says what is wrong with a hash that was not made here.
func CheckHash(hash string) error {
	params, salt, key, err := argon2id.DecodeHash(hash)
	switch {
	case err != nil:
		return errors.New("this is no argon2id hash: hhrecon user add NAME --role ROLE --print makes one")
	case params.Memory > 1<<20 || params.Iterations > 100 || params.Iterations == 0 || params.Parallelism == 0:
		return errors.New("this argon2id hash costs too much, or nothing: at most 1 GiB and 100 passes")
	case len(salt) < 8 || len(key) < 16:
		return errors.New("this argon2id hash has too short a salt or key")
	}
	return nil
}

// checks is how many passwords are tried at once: more would eat memory and leave no processor to the runs.
const checks = 2

// doors tries passwords.
type doors struct {
	slots    chan struct{}
	nobody   string // a hash that no password has, for names that nobody has
	attempts *attempts
}

// fits tells whether a password is the hash's. An empty hash costs as much as any and never fits.
func (d *doors) fits(ctx context.Context, password, hash string) (bool, error) {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	known := hash != ""
	if !known {
		hash = d.nobody
	}
	if len(password) > mostPassword {
		password = ""
	}
	fits, err := argon2id.ComparePasswordAndHash(password, hash)
	return fits && known, err
}
