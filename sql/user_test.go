package sql_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

func TestUsers(t *testing.T) {
	conform(t, func(f *fixture) {
		aida := reconcile.User{Name: "aida", Role: reconcile.RoleFinance, Hash: "$argon2id$…", AddedAt: midnight}
		bek := reconcile.User{Name: "bek'; --", Role: reconcile.RoleAdmin, Hash: "$argon2id$2", AddedAt: closing}
		f.must(f.s.SaveUser(f.ctx, bek))
		f.must(f.s.SaveUser(f.ctx, aida))
		changed := aida
		changed.Role, changed.Hash, changed.AddedAt = reconcile.RoleViewer, "$argon2id$3", closing
		f.must(f.s.SaveUser(f.ctx, changed))
		changed.AddedAt = midnight // AddedAt does not change
		users, err := f.s.Users(f.ctx)
		f.must(err)
		equal(f, "users", users, []reconcile.User{changed, bek})
		alike, err := f.s.User(f.ctx, "\uff21\uff29\uff24\uff21")
		f.must(err)
		equal(f, "in other letters", alike, changed)
		one, err := f.s.User(f.ctx, bek.Name)
		f.must(err)
		equal(f, "one", one, bek)
		f.must(f.s.DropUser(f.ctx, bek.Name))
		for what, err := range map[string]error{
			"drop": f.s.DropUser(f.ctx, bek.Name), "find": second(f.s.User(f.ctx, bek.Name)),
			"no name": second(f.s.User(f.ctx, "")),
		} {
			if !errors.Is(err, reconcile.ErrNoUser) {
				f.Errorf("%s: %v", what, err)
			}
		}
		for _, bad := range []reconcile.User{{Name: "x", Role: "boss", Hash: "h"}, {Role: reconcile.RoleAdmin, Hash: "h"},
			{Name: "x", Role: reconcile.RoleAdmin}} {
			if err := f.s.SaveUser(f.ctx, bad); err == nil {
				f.Errorf("saved %+v", bad)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// ctxStore is the store interface of github.com/alexedwards/scs/v2.
type ctxStore interface {
	Delete(token string) (err error)
	Find(token string) (b []byte, found bool, err error)
	Commit(token string, b []byte, expiry time.Time) (err error)
	DeleteCtx(ctx context.Context, token string) (err error)
	FindCtx(ctx context.Context, token string) (b []byte, found bool, err error)
	CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) (err error)
}

func TestSessions(t *testing.T) {
	conform(t, func(f *fixture) {
		var sessions ctxStore = f.s.Sessions()
		find := func(token string) string {
			f.Helper()
			data, found, err := sessions.FindCtx(f.ctx, token)
			f.must(err)
			if !found {
				return "none"
			}
			return string(data)
		}
		soon := time.Now().Add(time.Hour)
		f.must(sessions.CommitCtx(f.ctx, "token-1", []byte("one\x00\xff"), soon))
		f.must(sessions.Commit("token-2", nil, soon))
		f.must(sessions.CommitCtx(f.ctx, "token-1", []byte("two\x00\xff"), soon))
		equal(f, "found", []string{find("token-1"), find("token-2"), find("token-3")}, []string{"two\x00\xff", "", "none"})
		if text := f.dump("hhrecon_session"); strings.Contains(text, "token-") {
			f.Errorf("the table contains a token: %s", text)
		}
		f.must(sessions.DeleteCtx(f.ctx, "token-1"))
		f.must(sessions.Delete("token-1"))
		equal(f, "after its end", find("token-1"), "none")

		for i := range 150 { // more than one commit can delete
			f.do("insert into hhrecon_session (token_hash, data, expires_at) select ?, data, ? from hhrecon_session where "+
				"token_hash not like 'old%'",
				"old"+strings.Repeat("x", i), "2026-01-01T00:00:00.000000Z")
		}
		f.must(sessions.CommitCtx(f.ctx, "token-4", []byte("four"), time.Now().Add(-time.Hour)))
		equal(f, "expired", find("token-4"), "none")
		f.must(sessions.CommitCtx(f.ctx, "token-2", []byte("again"), soon))
		equal(f, "what has expired is gone", f.count("select count(*) from hhrecon_session"), 1)
		equal(f, "what has not is there", find("token-2"), "again")
	})
}

// If the answer to the commit of a session was lost, the session is still saved.
func TestLostSessionIsKept(t *testing.T) {
	t.Parallel()
	d := dropAnswer(t, sqltest.PostgresURL(t))
	s := sqltest.Open(t, d.url).Sessions()
	d.breaks.Store("COMMIT\x00")
	if err := s.CommitCtx(t.Context(), "token", []byte("data"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	d.breaks.Store("data")
	if data, found, err := s.FindCtx(t.Context(), "token"); string(data) != "data" || !found || err != nil {
		t.Errorf("found %q, %v, %v", data, found, err)
	}
	if left := d.breaks.Load(); left != "" {
		t.Errorf("%q did not arrive", left)
	}
}

// The names Aida and aida belong to the same user. A token becomes invalid when the password changes or the token
// expires.
func TestNamesIgnoreCase(t *testing.T) {
	conform(t, func(f *fixture) {
		aida := reconcile.User{Name: "Аида B.", Role: reconcile.RoleFinance, Hash: "$argon2id$1", AddedAt: midnight}
		f.must(f.s.SaveUser(f.ctx, aida))
		again := aida
		again.Name, again.Hash = "АИДА b.", "$argon2id$2"
		f.must(f.s.SaveUser(f.ctx, again))
		users, err := f.s.Users(f.ctx)
		f.must(err)
		equal(f, "users", len(users), 1)
		found, err := f.s.User(f.ctx, "аида b.")
		f.must(err)
		equal(f, "name and hash", found.Name+found.Hash, aida.Name+again.Hash)

		token := reconcile.Token{Name: aida.Name, PasswordDigest: found.PasswordDigest(), AddedAt: midnight}
		token.ExpiresAt = time.Now().Add(time.Hour)
		f.must(f.s.SaveToken(f.ctx, "secret", token))
		expired := token
		expired.ExpiresAt = time.Now().Add(-time.Second)
		f.must(f.s.SaveToken(f.ctx, "old", expired))
		got, err := f.s.Token(f.ctx, "secret")
		f.must(err)
		equal(f, "token", got.Name+got.PasswordDigest, token.Name+token.PasswordDigest)
		for _, bad := range []string{"old", "another", ""} {
			if _, err := f.s.Token(f.ctx, bad); !errors.Is(err, reconcile.ErrNoToken) {
				f.Errorf("token %q: %v", bad, err)
			}
		}
		equal(f, "kept", strings.Contains(f.dump("hhrecon_token"), "secret"), false)
		f.must(f.s.DropTokens(f.ctx, aida.Name))
		equal(f, "revoked", errors.Is(second(f.s.Token(f.ctx, "secret")), reconcile.ErrNoToken), true)
		f.must(f.s.DropUser(f.ctx, "аИДА B."))
	})
}

// If the names of two users differ only in case, Migrate returns an error and changes nothing.
func TestMigrateTwoSpellings(t *testing.T) {
	conform(t, func(f *fixture) {
		f.do("drop index hhrecon_user_lower_name")
		f.do("delete from hhrecon_schema where version_id >= 26")
		added := "2026-01-01T00:00:00.000000Z"
		for _, name := range []string{"Aida", "aida"} {
			f.do("insert into hhrecon_user (name, role, hash, added_at) values (?, 'admin', 'h', ?)", name, added)
		}
		err := f.s.Migrate(f.ctx, sql.MigrateOptions{})
		if err == nil || !strings.Contains(err.Error(), "differ only in upper and lower case") {
			f.Errorf("migrate: %v", err)
		}
		equal(f, "users", f.count("select count(*) from hhrecon_user"), 2)
	})
}
