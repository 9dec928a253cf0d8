// Package user keeps the page's users and their sessions.
package user

import (
	"context"
	"embed"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	dropExpiredSessionsQuery = Files.Load("drop_expired_sessions")
	dropSessionQuery         = Files.Load("drop_session")
	dropUserQuery            = Files.Load("drop_user")
	findSessionQuery         = Files.Load("find_session")
	saveSessionQuery         = Files.Load("save_session")
	saveUserQuery            = Files.Load("save_user")
	usersQuery               = Files.Load("users")
)

// Accounts keeps users and sessions in a database.
type Accounts struct{ *db.DB }

// DropExpired removes some sessions that have expired, and returns how many.
func (s Accounts) DropExpired(ctx context.Context) (n int64, err error) {
	err = s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		n, err = s.Exec(ctx, tx, dropExpiredSessionsQuery.In(s.Dialect), db.Args{"clock": s.Clock()})
		return err
	})
	return n, err
}

// SaveUser adds a user, or changes the role and the password of one, who keeps AddedAt.
func (s Accounts) SaveUser(ctx context.Context, u reconcile.User) error {
	if u.Name == "" || u.Hash == "" {
		return db.Errorf("a user needs a name and a password")
	}
	a := db.Args{"name": db.CleanText(u.Name), "role": string(u.Role), "hash": u.Hash,
		"added_at": db.FormatTime(u.AddedAt)}
	return s.WriteOne(ctx, db.RetryLost, saveUserQuery, a, nil)
}

// DropUser removes a user, or returns reconcile.ErrNoUser.
func (s Accounts) DropUser(ctx context.Context, name string) error {
	return s.WriteOne(ctx, db.RetryConflict, dropUserQuery, db.Args{"name": db.CleanText(name)}, reconcile.ErrNoUser)
}

// User returns one user, or reconcile.ErrNoUser.
func (s Accounts) User(ctx context.Context, name string) (reconcile.User, error) {
	if name == "" {
		return reconcile.User{}, reconcile.ErrNoUser
	}
	users, err := s.users(ctx, db.CleanText(name))
	if err != nil {
		return reconcile.User{}, err
	}
	if len(users) == 0 {
		return reconcile.User{}, reconcile.ErrNoUser
	}
	return users[0], nil
}

// Users lists the users by name.
func (s Accounts) Users(ctx context.Context) ([]reconcile.User, error) { return s.users(ctx, "") }

func (s Accounts) users(ctx context.Context, name string) ([]reconcile.User, error) {
	var users []reconcile.User
	err := s.Retry(ctx, db.RetryLost, func() error { // it only reads
		return s.List(ctx, s.Conn, &users, usersQuery.In(s.Dialect), db.Args{"name": name})
	})
	return users, s.WrapError(ctx, err)
}
