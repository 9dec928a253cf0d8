package config

import (
	"cmp"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hhrecon/highhelp"
)

// SignatureEntry sets the variant of HighHelp's signature, in the form that `hhrecon probe` prints.
type SignatureEntry struct {
	highhelp.Variant `yaml:",inline"`
	Token            string `yaml:"token"`
}

// Signing reads the keys that sign requests.
func (p Project) Signing() (highhelp.Signing, error) {
	s := highhelp.Signing{Variant: p.Entry.Signature.Variant}
	var public *rsa.PublicKey
	var err error
	if p.Entry.PrivateKeyFile != "" || p.Entry.Signature.Algorithm != highhelp.AlgorithmHMAC {
		s.PrivateKey, err = readKey(p, "private_key_file", p.Entry.PrivateKeyFile, highhelp.ParsePrivateKey)
		if err != nil {
			return s, err
		}
		public = &s.PrivateKey.PublicKey
	}
	if p.Entry.HMACSecretFile != "" {
		if s.Secret, err = readKey(p, "hmac_secret_file", p.Entry.HMACSecretFile, highhelp.ParseSecret); err != nil {
			return s, err
		}
	}
	switch token := p.Entry.AccessToken; {
	case strings.Contains(token, "-----BEGIN"): // the setting contains the public key itself
		if public, err = highhelp.ParsePublicKey([]byte(token)); err != nil {
			return s, fmt.Errorf("access_token of project %s: %w", p.ID, err)
		}
	case token != "":
		s.AccessToken = token
		return s, nil
	}
	s.AccessToken, err = highhelp.AccessToken(public, p.Entry.Signature.Token)
	return s, err
}

// ErrNextKey is returned together with a valid current key if the next alert key cannot be read.
var ErrNextKey = errors.New("the next alert key cannot be read")

// AlertKey reads the keys that verify alerts.
func (p Project) AlertKey() (highhelp.AlertKey, error) {
	key := highhelp.AlertKey{Variant: p.Entry.AlertSignature.Variant}
	if !p.TakesAlerts() {
		return key, UsageErrorf("no alert key for project %s: set alert_public_key_file or alert_secret_file of the "+
			"project in %s (Callback settings in HighHelp's dashboard)", p.ID, DefaultSchedules)
	}
	var errs [4]error
	key.PublicKey, errs[0] = optionalKey(p, "alert_public_key_file", p.Entry.AlertPublicKeyFile, highhelp.ParsePublicKey)
	key.Secret, errs[1] = optionalKey(p, "alert_secret_file", p.Entry.AlertSecretFile, highhelp.ParseSecret)
	key.NextPublicKey, errs[2] = optionalKey(p, "alert_next_public_key_file", p.Entry.NextAlertKeyFile,
		highhelp.ParsePublicKey)
	key.NextSecret, errs[3] = optionalKey(p, "alert_next_secret_file", p.Entry.NextAlertSecret, highhelp.ParseSecret)
	err := errors.Join(errs[:2]...)
	if next := errors.Join(errs[2:]...); err == nil && next != nil {
		err = fmt.Errorf("%w: %w", ErrNextKey, next)
	}
	return key, err
}

// CheckKeys reads the keys of all projects.
func (s *Settings) CheckKeys() error {
	var errs []error
	for _, p := range s.Projects {
		_, err := p.Signing()
		errs = append(errs, err)
		if p.TakesAlerts() {
			key, err := p.AlertKey()
			errs = append(errs, cmp.Or(err, key.Validate()))
		}
	}
	return errors.Join(errs...)
}

// TakesAlerts reports whether the project has a key that verifies alerts.
func (p Project) TakesAlerts() bool {
	return p.Entry.AlertPublicKeyFile != "" || p.Entry.AlertSecretFile != ""
}

// KeyFile returns the absolute path of the key that signs requests, or "" if it is not set.
func (p Project) KeyFile() string {
	if p.Entry.PrivateKeyFile == "" {
		return ""
	}
	file, _ := filepath.Abs(p.path(p.Entry.PrivateKeyFile)) // fails only if the working folder was deleted
	return file
}

func (p Project) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(p.dir, file)
}

// nextKey checks the next alert key. The next key and the current key must be in different files. The next key must be
// of the kind that signs alerts.
func (v *validation) nextKey(kind, next, first string, signature SignatureEntry, algorithm string) {
	at := "alert_next_" + kind
	v.check(next == "" || first != "" && next != first,
		"alert_next_%s is the second key: also set alert_%[1]s, to a different file", kind).at(at)
	v.check(next == "" || cmp.Or(signature.Algorithm, highhelp.AlgorithmRSA) == algorithm,
		"alert_next_%s needs alert_signature: {algorithm: %s}", kind, algorithm).at(at)
}

// optionalKey reads a key. optionalKey returns the zero value if no file is set.
func optionalKey[K any](p Project, setting, file string, parse func([]byte) (K, error)) (key K, err error) {
	if file == "" {
		return key, nil
	}
	return readKey(p, setting, file, parse)
}

// readKey reads and parses a key file of a project.
func readKey[K any](p Project, setting, file string, parse func([]byte) (K, error)) (key K, err error) {
	if file == "" {
		return key, UsageErrorf("no key for project %s: set %s in %s", p.ID, setting, p.Where)
	}
	text, err := os.ReadFile(p.path(file))
	if err != nil {
		return key, UsageErrorf("key of project %s: %w: correct %s in %s", p.ID, err, setting, p.Where)
	}
	if key, err = parse(text); err != nil {
		return key, UsageErrorf("%s: %w", p.path(file), err)
	}
	return key, nil
}

// Cure adds a hint for the user to an error about refused keys.
func (p Project) Cure(err error) error {
	if !errors.Is(err, highhelp.ErrUnauthorized) {
		return err
	}
	return fmt.Errorf("%w\ncorrect the keys of project %s in %s; run \"hhrecon probe keys\" to find the signature "+
		"variant", err,
		p.ID, p.Where)
}
