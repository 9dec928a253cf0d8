package audit

import (
	"context"
	_ "embed"
	"regexp"
	"strings"

	"hhrecon/sql/db"
)

// These statements set the rights on hhrecon's own tables, and on the default table payins.
var (
	//go:embed grants_owner.sql
	ownerGrants string
	//go:embed grants_payins.sql
	payinsGrants string
	//go:embed grants_runtime.sql
	runtimeGrants string
)

var roleName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,57}$`)

// Grants returns the SQL that gives PostgreSQL's two users their rights. The user with the given name runs hhrecon. A
// second user owns hhrecon's tables, and has the same name with the suffix _owner.
func Grants(user string) (string, error) {
	owner, runtime, err := OwnGrants(user)
	if err != nil {
		return "", err
	}
	return owner + forUser(payinsGrants, user) + runtime, nil
}

// OwnGrants returns the same SQL for hhrecon's own tables only, as two scripts. The first one creates the users. The
// second one sets their rights after each "hhrecon migrate".
func OwnGrants(user string) (owner, runtime string, err error) {
	if !roleName.MatchString(user) {
		return "", "", db.Errorf("%q is not a valid name of a database user: use letters from a to z, digits and _", user)
	}
	return forUser(ownerGrants, user), forUser(runtimeGrants, user), nil
}

func forUser(sql, user string) string {
	return strings.NewReplacer(":owner", `"`+user+`_owner"`, ":user", `"`+user+`"`).Replace(sql)
}

// Rights are the database user's rights on hhrecon's tables.
type Rights struct {
	Owner bool // owns tables or is a superuser, and can change the audit log
	Prune bool // can delete entries of the audit log
	// Missing lists the tables that the user has no right to read, and the tables that hhrecon must write but the user has
	// no right to write.
	Missing string
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
