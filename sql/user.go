package sql

import (
	"context"

	"hhrecon/reconcile"
)

// SaveUser adds a user, or changes the role and the password of one, who keeps AddedAt.
func (s *Store) SaveUser(ctx context.Context, u reconcile.User) error {
	if u.Name == "" || u.Hash == "" {
		return faultf("a user needs a name and a password")
	}
	a := args{"name": clean(u.Name), "role": string(u.Role), "hash": u.Hash, "added_at": stamp(u.AddedAt)}
	return s.writeOne(ctx, retryLost, saveUserQuery, a, nil)
}

// DropUser removes a user, or returns reconcile.ErrNoUser.
func (s *Store) DropUser(ctx context.Context, name string) error {
	return s.writeOne(ctx, retryConflict, dropUserQuery, args{"name": clean(name)}, reconcile.ErrNoUser)
}

// User returns one user, or reconcile.ErrNoUser.
func (s *Store) User(ctx context.Context, name string) (reconcile.User, error) {
	if name == "" {
		return reconcile.User{}, reconcile.ErrNoUser
	}
	users, err := s.users(ctx, clean(name))
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
	err := s.retry(ctx, retryLost, func() error { // it only reads
		return s.list(ctx, s.db, &users, usersQuery.in(s.dialect), args{"name": name})
	})
	return users, s.explain(ctx, err)
}
