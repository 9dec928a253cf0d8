package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os/user"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
)

// RunStartEvent is what is recorded with the project's runs: who begins them if no person is known by name, and a
// digest of the project's settings.
func (p Project) RunStartEvent() reconcile.Event {
	text, err := json.Marshal([]any{p.Entry, p.Project}) // secrets are in it, of which a digest shows nothing
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

// Database is the URL of the database, for the owner of hhrecon's tables or not, and the variable that has it.
func (s *Settings) Database(owner bool) (url, variable string) {
	if owner && s.OwnerURL != s.DatabaseURL {
		return s.OwnerURL, "HHRECON_OWNER_DATABASE_URL"
	}
	return s.DatabaseURL, "HHRECON_DATABASE_URL"
}

// readAudit reads what keeps the audit log from the program's own database user.
func (s *Settings) readAudit(e *environment) (err error) {
	s.OwnerURL = cmp.Or(e.secret("HHRECON_OWNER_DATABASE_URL"), s.DatabaseURL)
	if file := e.file("HHRECON_AUDIT_KEY_FILE"); file != "" {
		if s.AuditKeys, err = audit.ReadKeys(file); err != nil {
			err = UsageErrorf("HHRECON_AUDIT_KEY_FILE: %w", err)
		}
	}
	return err
}
