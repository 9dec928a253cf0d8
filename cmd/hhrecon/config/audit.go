package config

import (
	"cmp"

	"hhrecon/sql/audit"
)

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
