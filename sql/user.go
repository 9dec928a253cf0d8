package sql

import (
	"context"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// SaveUser adds a user, or changes the role and the password of one, who keeps AddedAt.
func (s *Store) SaveUser(ctx context.Context, u reconcile.User) error {
	if u.Name == "" || u.Hash == "" {
		return db.Errorf("a user needs a name and a password")
	}
	a := db.Args{"name": db.CleanText(u.Name), "role": string(u.Role), "hash": u.Hash,
		"added_at": db.FormatTime(u.AddedAt)}
	return s.WriteOne(ctx, db.RetryLost, saveUserQuery, a, nil)
}

// DropUser removes a user, or returns reconcile.ErrNoUser.
func (s *Store) DropUser(ctx context.Context, name string) error {
	return s.WriteOne(ctx, db.RetryConflict, dropUserQuery, db.Args{"name": db.CleanText(name)}, reconcile.ErrNoUser)
}

// User returns one user, or reconcile.ErrNoUser.
func (s *Store) User(ctx context.Context, name string) (reconcile.User, error) {
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
func (s *Store) Users(ctx context.Context) ([]reconcile.User, error) { return s.users(ctx, "") }

func (s *Store) users(ctx context.Context, name string) ([]reconcile.User, error) {
	var users []reconcile.User
	err := s.Retry(ctx, db.RetryLost, func() error { // it only reads
		return s.List(ctx, s.Conn, &users, usersQuery.In(s.Dialect), db.Args{"name": name})
	})
	return users, s.WrapError(ctx, err)
}
