package audit

import (
	"context"
	_ "embed"
	"regexp"
	"strings"

	"hhrecon/sql/db"
)

//go:embed grants.sql
var grants string

var roleName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,57}$`)

// Grants returns the SQL that gives PostgreSQL's two users their rights. The user with the given name runs hhrecon. The
// user with the suffix _owner owns hhrecon's tables.
func Grants(user string) (string, error) {
	if !roleName.MatchString(user) {
		return "", db.Errorf("%q is not a valid name of a database user: use letters from a to z, digits and _", user)
	}
	return strings.NewReplacer(":owner", `"`+user+`_owner"`, ":user", `"`+user+`"`).Replace(grants), nil
}

// Rights are the database user's rights on hhrecon's tables.
type Rights struct {
	Owner bool // owns tables or is a superuser, and can change the audit log
	Prune bool // can delete entries of the audit log
}

// Rights returns the rights of this connection's user. SQLite has no users.
func (s LogStore) Rights(ctx context.Context) (Rights, error) {
	if s.Dialect == db.SQLite {
		return Rights{Prune: true}, nil
	}
	var r Rights
	err := s.Get(ctx, s.Conn, &r, query("rights").Postgres, nil)
	return r, s.WrapError(ctx, err)
}
