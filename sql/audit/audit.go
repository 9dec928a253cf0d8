// Package audit stores the audit log of each project: findings, actions and events. The positions of the entries are 1,
// 2, 3 and so on, without gaps. The hash of an entry is computed from the previous entry's hash and from all columns of
// the entry. Call LogStore.LockLog first in a transaction that adds entries, and SaveLog last. Verify detects changed,
// missing and added entries.
package audit

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"embed"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// These are the kinds of entries of an audit log.
const (
	Finding = "finding"
	Action  = "action"
)

// Version is the format of new entries. In version 1, a finding's hash is computed from the answer, but not from the
// columns in versionColumns. In version 2, the hash is computed from these columns, which contain a digest of the
// answer instead of the answer.
const Version int64 = 2

// versionColumns are empty in entries of version 1. To add a column to the entries, add a version, because an entry's
// hash is computed from exactly the columns of its version.
var versionColumns = []string{"version", "answer_digest", "reason_code", "reason_args", "facts", "key_id"}

// LogStore stores the audit logs of a database's projects.
type LogStore struct {
	*db.DB
	Keys Keys // keys of the entries' hashes; without keys the hash is plain SHA-256
}

// Appender adds entries to the end of a project's audit log. The transaction has locked the log.
type Appender struct {
	ProjectID string `db:"project_id"`
	Seq       int64  `db:"chain_seq"`
	Hash      string `db:"hash"`

	KeyID stdsql.NullString `db:"key_id"` // the key of the last entry; after LockLog, the key of new entries
	key   *Key
}

// LockLog locks the project's audit log until the transaction ends. To avoid deadlocks, call LockLog after the lock on
// a run and before the locks on the merchant's rows. If the last entry has a key, LockLog verifies the entry's hash.
func (s LogStore) LockLog(ctx context.Context, tx *sqlx.Tx, projectID string) (*Appender, error) {
	c := Appender{ProjectID: projectID}
	err := s.Get(ctx, tx, &c, query("lock_head").In(s.Dialect), db.Args{"project_id": projectID})
	if err == nil && c.KeyID.Valid && len(s.Keys) > 0 {
		err = s.verifyLast(ctx, tx, &c)
	}
	switch {
	case len(s.Keys) > 0:
		c.key = &s.Keys[0]
		c.KeyID = stdsql.NullString{String: c.key.ID, Valid: true}
	default:
		err = cmp.Or(err, c.needsKey())
	}
	return &c, s.OwnTableError("hhrecon_chain", err)
}

// needsKey returns an error if the last entry has a key.
func (c *Appender) needsKey() error {
	if !c.KeyID.Valid {
		return nil
	}
	return db.Errorf("the entries of the audit log of project %s have the key %q, and HHRECON_AUDIT_KEY_FILE "+
		"is not set: nothing is written", cmp.Or(c.ProjectID, "(none)"), c.KeyID.String)
}

// CheckKeys returns an error if a log has entries with a key, but no key is set.
func (s LogStore) CheckKeys(ctx context.Context) error {
	var c Appender
	err := s.GetOr(ctx, s.Conn, &c, query("keyed"), nil, nil)
	if len(s.Keys) > 0 || err != nil {
		return s.WrapError(ctx, err)
	}
	return c.needsKey()
}

// verifyLast verifies the hash of the last entry, which has a key. Without this check, new entries could follow a
// forged entry and hide the forgery.
func (s LogStore) verifyLast(ctx context.Context, tx *sqlx.Tx, c *Appender) error {
	const nothing = ": nothing is written"
	key := s.Keys.find(c.KeyID.String)
	if key == nil {
		return db.Errorf("HHRECON_AUDIT_KEY_FILE does not have the key %q, which the last entry of the audit log of "+
			"project %s has%s", c.KeyID.String, c.ProjectID, nothing)
	}
	at, err := s.Checkpoint(ctx, tx, c.ProjectID)
	a := db.Args{"project_id": c.ProjectID, "entry": c.Seq - 1, "first": c.Seq, "last": c.Seq}
	if err == nil && c.Seq-1 > at.Seq {
		err = s.GetOr(ctx, tx, &at.Hash, query("entry_hash"), a, nil)
	}
	var last []entry
	if err == nil {
		last, err = s.entries(ctx, tx, a)
	}
	if err == nil && (len(last) != 1 || entryHash(key, at.Hash, last[0].kind, last[0].values) != c.Hash) {
		err = db.Errorf("the last entry of the audit log of project %s does not match its key %q%s: either "+
			"HHRECON_AUDIT_KEY_FILE has another secret for this ID, or the log was changed; with the right file, "+
			"\"hhrecon verify\" finds the change", c.ProjectID, key.ID, nothing)
	}
	return err
}

// add moves the end of the log to the next entry. The entry's position is the last value from which
// the hash is computed.
func (c *Appender) add(kind string, values []db.RawValue) {
	c.Seq++
	c.Hash = entryHash(c.key, c.Hash, kind, append(values, db.Raw(c.Seq)))
}

// Key returns the key_id of new entries.
func (c *Appender) Key() db.RawValue {
	if c.key == nil {
		return db.RawValue{}
	}
	return db.Raw(c.key.ID)
}

// AddAll adds n entries. AddAll returns their columns chain_seq (the position) and hash.
func (c *Appender) AddAll(kind string, n int, values func(i int) []db.RawValue) db.Columns {
	positions, hashes := make([]int64, n), make([]string, n)
	for i := range n {
		c.add(kind, values(i))
		positions[i], hashes[i] = c.Seq, c.Hash
	}
	return db.Columns{"chain_seq": positions, "hash": hashes}
}

func entryHash(key *Key, before, kind string, values []db.RawValue) string {
	hashable := reconcile.Map(values, db.RawValue.Hashable)
	if key == nil {
		return reconcile.EntryHash(nil, before, kind, hashable...)
	}
	return reconcile.EntryHash(key.Secret, before, kind, hashable...)
}

// SaveLog saves the new end of the log. Call SaveLog after the last entry.
func (s LogStore) SaveLog(ctx context.Context, tx *sqlx.Tx, c *Appender) error {
	a := db.Args{"project_id": c.ProjectID, "chain_seq": c.Seq, "hash": c.Hash, "key_id": c.KeyID}
	n, err := s.Exec(ctx, tx, query("move_head").In(s.Dialect), a)
	if err == nil && n != 1 {
		err = db.Errorf("the audit log of project %s has no head in hhrecon_chain; run \"hhrecon verify\"", c.ProjectID)
	}
	return s.OwnTableError("hhrecon_chain", err)
}
