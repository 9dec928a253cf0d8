package web

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"hhrecon/reconcile/username"
)

// hashing is what a password costs: OWASP's choice for argon2id, 19 MiB a try.
var hashing = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// The lengths of a password, in characters and in bytes.
const (
	LeastPassword = 12
	mostPassword  = 1024
)

//go:embed common_passwords.txt
var commonPasswords string

// common are the passwords that are refused.
var common = sync.OnceValue(func() map[string]bool {
	all := make(map[string]bool)
	for line := range strings.Lines(commonPasswords) {
		if line[0] != '#' {
			all[strings.TrimSpace(line)] = true
		}
	}
	return all
})

// HashPassword makes the hash that a user is kept with. It refuses a password that is too short or too long, a common
// one, also repeated or among digits, spaces and signs, one of a single character, and one that is the user's name,
// digits and signs aside.
func HashPassword(name, password string) (string, error) {
	text, name := username.Fold(password), username.Fold(name)
	letters := once(text, unicode.IsLetter)
	unspaced := once(text, func(r rune) bool { return !unicode.IsSpace(r) })
	rest := strings.ReplaceAll(text, name, "")
	switch {
	case utf8.RuneCountInString(text) < LeastPassword:
		return "", fmt.Errorf("the password is too short: at least %d characters", LeastPassword)
	case len(password) > mostPassword:
		return "", fmt.Errorf("the password is too long: at most %d bytes", mostPassword)
	case utf8.RuneCountInString(unspaced) < 2:
		return "", errors.New("the password is one character again and again: choose another, for example four unrelated " +
			"words")
	case common()[text] || common()[letters] || common()[unspaced]:
		return "", errors.New("the password is one of the most common ones: choose another, for example four unrelated words")
	case name != "" && rest != text && !strings.ContainsFunc(rest, unicode.IsLetter):
		return "", errors.New("the password is the user's name: choose another, for example four unrelated words")
	}
	return argon2id.CreateHash(password, &hashing)
}

// once is what of a text remains, without the repeats of its beginning up to its end.
func once(text string, remains func(rune) bool) string {
	left := []rune(strings.Map(func(r rune) rune {
		if remains(r) {
			return r
		}
		return -1
	}, text))
	for n := 1; n < len(left); n++ {
		if slices.Equal(left[n:], left[:len(left)-n]) {
			return string(left[:n])
		}
	}
	return string(left)
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
