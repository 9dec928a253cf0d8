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

// Sessions stores the sessions of the web page, and implements scs.CtxStore. It stores a digest of each token, not the
// token. A person who reads the table or a backup therefore cannot sign in.
type Sessions struct{ store Accounts }

// Sessions returns the store of the web page's sessions.
func (s Accounts) Sessions() *Sessions { return &Sessions{s} }

// FindCtx returns a session's data. FindCtx returns false if the session does not exist, or has expired by the
// database's clock.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.store.Retry(ctx, db.RetryLost, func() error { // safe to repeat, because the function only reads
		return s.store.Get(ctx, s.store.Conn, &data, query("find_session").In(s.store.Dialect),
			db.Args{"token_hash": digest(token), "clock": s.store.Clock()})
	})
	if errors.Is(err, stdsql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, s.store.WrapError(ctx, err)
}

// CommitCtx stores a session until the session expires, and deletes some expired sessions.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	a := db.Args{"token_hash": digest(token), "data": append([]byte{}, data...), "expires_at": db.FormatTime(expiry),
		"clock": s.store.Clock()}
	return s.store.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		if _, err := s.store.Exec(ctx, tx, query("save_session").In(s.store.Dialect), a); err != nil {
			return err
		}
		_, err := s.store.Exec(ctx, tx, query("drop_expired_sessions").In(s.store.Dialect), a)
		return err
	})
}

// DeleteCtx deletes a session. A missing session is not an error.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.WriteOne(ctx, db.RetryLost, query("drop_session"), db.Args{"token_hash": digest(token)}, nil)
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

// digest returns the SHA-256 of a text in hexadecimal.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
