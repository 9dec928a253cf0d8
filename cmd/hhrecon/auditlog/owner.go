package auditlog

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
	"hhrecon/sql/db"
	"hhrecon/sql/identity"
)

// SameDatabase returns an error if HHRECON_OWNER_DATABASE_URL and HHRECON_DATABASE_URL name different databases.
func SameDatabase(ctx context.Context, s *config.Settings) error {
	if s.DatabaseURL == "" || s.OwnerURL == s.DatabaseURL {
		return nil
	}
	var ids [2]identity.ID
	for i := range ids {
		url, variable := s.Database(i == 1)
		if err := db.RequireFile(url); err != nil {
			return config.UsageErrorf("%s: %w", variable, err)
		}
		store, err := sql.Open(ctx, url, sql.Options{Setting: variable})
		if err == nil {
			ids[i], err = store.Identity(ctx)
			store.Close()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", variable, err)
		}
	}
	if !ids[0].Same(ids[1]) {
		return config.UsageErrorf("HHRECON_OWNER_DATABASE_URL and HHRECON_DATABASE_URL name different databases: "+
			"%s, not %s", ids[1], ids[0])
	}
	return nil
}

// OwnerError adds a hint to an error about a missing right. The hint says that the command must run as the
// owner of hhrecon's tables.
func OwnerError(err error, s *config.Settings) error {
	if !errors.Is(err, db.ErrDenied) {
		return err
	}
	_, variable := s.Database(true)
	denied, _, _ := strings.Cut(err.Error(), ";")
	return config.UsageErrorf("%s\nthe user of %s does not own hhrecon's tables: set HHRECON_OWNER_DATABASE_URL to "+
		"connect as the owner that \"hhrecon migrate --grants\" creates", denied, variable)
}
