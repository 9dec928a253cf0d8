package sqltest

import (
	"net/url"
	"strings"
	"testing"

	"hhrecon/sql/audit"
)

// TwoUsers creates two users of a PostgreSQL database with the SQL that "hhrecon migrate --grants" prints. The user
// named user runs hhrecon, and owner owns hhrecon's tables. Both are dropped when the test ends.
func TwoUsers(t testing.TB, address string) (user, owner string) {
	t.Helper()
	u, err := url.Parse(address)
	check(t, err)
	name := "u" + strings.TrimPrefix(u.Path, "/hhrecon_test")
	grants, err := audit.Grants(name)
	check(t, err)
	t.Cleanup(func() {
		both := name + ", " + name + "_owner"
		if err := run(address, "drop owned by "+both+" cascade; drop role "+both); err != nil {
			t.Error(err)
		}
	})
	check(t, run(address, grants))
	as := func(name string) string {
		own := *u
		own.User = url.User(name)
		return own.String()
	}
	return as(name), as(name + "_owner")
}
