package user

import (
	"context"
	"crypto/sha256"
	stdsql "database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/sql/db"
)

// Sessions keeps the page's sessions, and is a store of scs (CtxStore). It keeps a digest of each token and never the
// token, so a reader of the table, or of a copy of it, cannot sign in with what it has.
type Sessions struct{ store Accounts }

// Sessions returns the page's sessions.
func (s Accounts) Sessions() *Sessions { return &Sessions{s} }

// FindCtx returns a session's data; false where there is none, or where it has expired by the database's clock.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.store.Retry(ctx, db.RetryLost, func() error { // it only reads
		return s.store.Get(ctx, s.store.Conn, &data, findSessionQuery.In(s.store.Dialect),
			db.Args{"token_hash": digest(token), "clock": s.store.Clock()})
	})
	if errors.Is(err, stdsql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, s.store.WrapError(ctx, err)
}

// CommitCtx keeps a session until it expires, and removes some that have expired.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	a := db.Args{
		"token_hash": digest(token), "data": append([]byte{},
			data...), "expires_at": db.FormatTime(expiry), "clock": s.store.Clock(),
	}
	return s.store.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		if _, err := s.store.Exec(ctx, tx, saveSessionQuery.In(s.store.Dialect), a); err != nil {
			return err
		}
		_, err := s.store.Exec(ctx, tx, dropExpiredSessionsQuery.In(s.store.Dialect), a)
		return err
	})
}

// DeleteCtx ends a session; one that there is not is ended already.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.WriteOne(ctx, db.RetryLost, dropSessionQuery, db.Args{"token_hash": digest(token)}, nil)
}

// Find is FindCtx without a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// digest is the SHA-256 of a text, in hexadecimal.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
