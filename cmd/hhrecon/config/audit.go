package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os/user"
	"slices"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
)

// RunStartEvent returns the audit event that records the start of a run. The event contains a digest of the project's
// settings, and the user of the operating system if no other person is known.
func (p Project) RunStartEvent() reconcile.Event {
	text, err := json.Marshal([]any{p.Entry, p.Project}) // the digest does not reveal the secrets in the settings
	digest := sha256.Sum256(text)
	e := reconcile.Event{Facts: map[string]string{"settings": hex.EncodeToString(digest[:])}}
	if err != nil {
		e.Facts["settings"] = err.Error()
	}
	if u, err := user.Current(); err == nil {
		e.Actor = "os:" + u.Username
	}
	return e
}

// Database returns the URL of the database, and the name of the environment variable that contains the URL. If owner is
// true, the URL is for the owner of hhrecon's tables. The variable's name ends in _FILE if the URL is in a file.
func (s *Settings) Database(owner bool) (url, variable string) {
	url, variable = s.DatabaseURL, "HHRECON_DATABASE_URL"
	if owner && s.OwnerURL != s.DatabaseURL {
		url, variable = s.OwnerURL, "HHRECON_OWNER_DATABASE_URL"
	}
	if slices.ContainsFunc(s.secretFiles, func(f SecretFile) bool { return f.Setting == variable+"_FILE" }) {
		variable += "_FILE"
	}
	return url, variable
}

// readAudit reads the settings of the audit log, such as the keys of its hashes.
func (s *Settings) readAudit(e *environment) (err error) {
	s.OwnerURL = cmp.Or(e.secret("HHRECON_OWNER_DATABASE_URL"), s.DatabaseURL)
	if file := e.file("HHRECON_AUDIT_KEY_FILE"); file != "" {
		if s.AuditKeys, err = audit.ReadKeys(file); err != nil {
			err = UsageErrorf("HHRECON_AUDIT_KEY_FILE: %w", err)
		}
	}
	return err
}
