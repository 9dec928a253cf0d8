// Package user stores the users of the web page, their sessions, and their tokens for the command line.
package user

import (
	"cmp"
	"context"
	"embed"
	"errors"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/reconcile/username"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Accounts stores users, sessions and tokens in a database.
type Accounts struct{ *db.DB }

// DropExpired deletes some expired sessions, and returns their number.
func (s Accounts) DropExpired(ctx context.Context) (n int64, err error) {
	err = s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		n, err = s.Exec(ctx, tx, query("drop_expired_sessions").In(s.Dialect), db.Args{"clock": s.Clock()})
		return err
	})
	return n, err
}

// SaveUser adds a user. For an existing user it changes only the role and the password hash.
func (s Accounts) SaveUser(ctx context.Context, u reconcile.User) error {
	if u.Name == "" || u.Hash == "" {
		return db.Errorf("a user needs a name and a password")
	}
	before, err := s.User(ctx, u.Name)
	if err == nil {
		u.Name = before.Name
	} else if !errors.Is(err, reconcile.ErrNoUser) {
		return err
	}
	a := db.Args{"name": db.CleanText(u.Name), "role": string(u.Role), "hash": u.Hash,
		"added_at": db.FormatTime(u.AddedAt)}
	return s.WriteOne(ctx, db.RetryLost, query("save_user"), a, nil)
}

// DropUser deletes a user, or returns reconcile.ErrNoUser.
func (s Accounts) DropUser(ctx context.Context, name string) error {
	u, err := s.User(ctx, name)
	if err != nil && !errors.Is(err, reconcile.ErrNoUser) {
		return err
	}
	a := db.Args{"name": cmp.Or(u.Name, db.CleanText(name))}
	return s.WriteOne(ctx, db.RetryConflict, query("drop_user"), a, reconcile.ErrNoUser)
}

// User returns the user with a name, or reconcile.ErrNoUser. Names are case-insensitive.
func (s Accounts) User(ctx context.Context, name string) (reconcile.User, error) {
	users, err := s.Users(ctx)
	for _, u := range users {
		if username.Fold(u.Name) == username.Fold(db.CleanText(name)) {
			return u, err
		}
	}
	return reconcile.User{}, cmp.Or(err, reconcile.ErrNoUser)
}

// Users lists the users, sorted by name.
func (s Accounts) Users(ctx context.Context) ([]reconcile.User, error) {
	var users []reconcile.User
	err := s.Retry(ctx, db.RetryLost, func() error { // safe to repeat, because the function only reads
		return s.List(ctx, s.Conn, &users, query("users").In(s.Dialect), nil)
	})
	return users, s.WrapError(ctx, err)
}

// SaveToken stores a token's data under the token's digest.
func (s Accounts) SaveToken(ctx context.Context, token string, t reconcile.Token) error {
	return s.WriteOne(ctx, db.RetryLost, query("save_token"), db.Args{
		"token_hash": digest(token), "name": db.CleanText(t.Name), "user_seal": t.PasswordDigest,
		"added_at": db.FormatTime(t.AddedAt), "expires_at": db.FormatTime(t.ExpiresAt),
	}, nil)
}

// DropTokens revokes all tokens of a user, or returns reconcile.ErrNoToken.
func (s Accounts) DropTokens(ctx context.Context, name string) error {
	return s.WriteOne(ctx, db.RetryConflict, query("drop_tokens"), db.Args{"name": db.CleanText(name)},
		reconcile.ErrNoToken)
}

// Token returns the data of a token, or reconcile.ErrNoToken. The caller checks that the token's user still exists and
// has the same password.
func (s Accounts) Token(ctx context.Context, token string) (reconcile.Token, error) {
	found, err := s.tokens(ctx, digest(token))
	if err != nil || len(found) == 0 {
		return reconcile.Token{}, cmp.Or(err, reconcile.ErrNoToken)
	}
	return found[0], nil
}

// Tokens lists the tokens that have not expired, by user name.
func (s Accounts) Tokens(ctx context.Context) ([]reconcile.Token, error) { return s.tokens(ctx, "") }

func (s Accounts) tokens(ctx context.Context, hash string) ([]reconcile.Token, error) {
	var found []reconcile.Token
	err := s.Retry(ctx, db.RetryLost, func() error { // safe to repeat, because the function only reads
		return s.List(ctx, s.Conn, &found, query("tokens").In(s.Dialect), db.Args{"token_hash": hash, "clock": s.Clock()})
	})
	return found, s.WrapError(ctx, err)
}
