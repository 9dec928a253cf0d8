// Package auth checks sign-ins to the page. The package hashes and verifies passwords, reads the file of users, and
// limits failed sign-ins. It does not store sessions.
package auth

import (
	"context"
	"crypto/rand"
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

// hashing has the parameters that OWASP recommends for argon2id. One check takes 19 MiB of memory.
var hashing = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// The length of a password is limited. MinPassword is in characters, and maxPassword is in bytes.
const (
	MinPassword = 12
	maxPassword = 1024
)

//go:embed common_passwords.txt
var commonPasswords string

// common returns the passwords that many people use. HashPassword refuses these passwords.
var common = sync.OnceValue(func() map[string]bool {
	all := make(map[string]bool)
	for line := range strings.Lines(commonPasswords) {
		if line[0] != '#' {
			all[strings.TrimSpace(line)] = true
		}
	}
	return all
})

// HashPassword makes the hash that is stored with a user. HashPassword refuses a password that is too short or too
// long, and a password that repeats one character. HashPassword refuses a common password, even if the password is
// repeated or surrounded by digits, spaces and signs. HashPassword also refuses the user's name with digits and signs.
func HashPassword(name, password string) (string, error) {
	text, name := username.Fold(password), username.Fold(name)
	letters := firstPeriod(text, unicode.IsLetter)
	unspaced := firstPeriod(text, func(r rune) bool { return !unicode.IsSpace(r) })
	rest := strings.ReplaceAll(text, name, "")
	switch {
	case utf8.RuneCountInString(text) < MinPassword:
		return "", fmt.Errorf("the password is too short: at least %d characters", MinPassword)
	case len(password) > maxPassword:
		return "", fmt.Errorf("the password is too long: at most %d bytes", maxPassword)
	case utf8.RuneCountInString(unspaced) < 2:
		return "", errors.New("the password repeats one character: choose another password, for example four unrelated " +
			"words")
	case common()[text] || common()[letters] || common()[unspaced]:
		return "", errors.New("the password is too common: choose another password, for example four unrelated words")
	case name != "" && rest != text && !strings.ContainsFunc(rest, unicode.IsLetter):
		return "", errors.New("the password is the user's name: choose another password, for example four unrelated words")
	}
	return argon2id.CreateHash(password, &hashing)
}

// firstPeriod keeps only the characters for which the function remains returns true. If the result is a repeated text,
// such as "abcabc", firstPeriod returns the repeated part "abc".
func firstPeriod(text string, remains func(rune) bool) string {
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

// CheckHash returns an error if the hash is not in the format of HashPassword.
func CheckHash(hash string) error {
	params, salt, key, err := argon2id.DecodeHash(hash)
	switch {
	case err != nil:
		return errors.New("the hash is not an argon2id hash: run \"hhrecon user add NAME --role ROLE --print\" to get one")
	case params.Memory > 1<<20 || params.Iterations > 100 || params.Iterations == 0 || params.Parallelism == 0:
		return errors.New("the argon2id hash costs too much or too little: use 1 to 100 passes and at most 1 GiB")
	case len(salt) < 8 || len(key) < 16:
		return errors.New("the salt or the key of the argon2id hash is too short: make a new hash")
	}
	return nil
}

// checks is the maximum number of concurrent password checks. More concurrent checks would slow down runs, because each
// check needs much memory and processor time.
const checks = 2

// PasswordChecker compares passwords with hashes, and limits the number of concurrent checks.
type PasswordChecker struct {
	slots     chan struct{}
	dummyHash string // hash for unknown names, so a check takes the same time as for a known name
}

// NewPasswordChecker returns a checker.
func NewPasswordChecker() (*PasswordChecker, error) {
	dummy, err := argon2id.CreateHash(rand.Text(), &hashing)
	if err != nil {
		return nil, fmt.Errorf("hash a dummy password: %w", err)
	}
	return &PasswordChecker{slots: make(chan struct{}, checks), dummyHash: dummy}, nil
}

// Verify reports whether a hash belongs to a password. An empty hash never matches, but Verify takes the same time.
func (c *PasswordChecker) Verify(ctx context.Context, password, hash string) (bool, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	known := hash != ""
	if !known {
		hash = c.dummyHash
	}
	if len(password) > maxPassword {
		password = ""
	}
	matches, err := argon2id.ComparePasswordAndHash(password, hash)
	return matches && known, err
}
