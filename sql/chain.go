package sql

import (
	"context"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// The kinds of an audit trail's entries.
const (
	entryFinding = "finding"
	entryAction  = "action"
)

// entryVersion is the format of the entries that are written. The hash of version 1 covers a finding's answer and has
// none of the columns in versionColumns; that of version 2 covers them, and a digest in place of the answer.
const entryVersion int64 = 2

// versionColumns are those that entries of version 1 have empty. To add a column to the entries, add a version: the
// hash of an entry covers the columns of its version, and no others.
var versionColumns = []string{"version", "answer_digest", "reason_code", "reason_args", "facts", "key_id"}

// chain is the end of a project's audit trail, which the transaction has to itself.
type chain struct {
	ProjectID string `db:"-"`
	Seq       int64  `db:"chain_seq"`
	Hash      string `db:"hash"`
}

// lockChain keeps everybody else from the project's audit trail until the transaction ends. It comes
// after the lock on a run and before those on the merchant's rows, always.
func (s *Store) lockChain(ctx context.Context, tx *sqlx.Tx, projectID string) (*chain, error) {
	c := chain{ProjectID: projectID}
	err := s.Get(ctx, tx, &c, lockChainQuery.In(s.Dialect), db.Args{"project_id": projectID})
	return &c, s.noRefusal("hhrecon_chain", err)
}

// add goes on to the next entry. Its own place is the last of the values that its hash covers.
func (c *chain) add(kind string, values []db.RawValue) {
	c.Seq++
	c.Hash = seal(c.Hash, kind, append(values, db.Raw(c.Seq)))
}

// addAll goes on by n entries, and returns the columns that tell their places: chain_seq and hash.
func (c *chain) addAll(kind string, n int, values func(i int) []db.RawValue) db.Columns {
	places, hashes := make([]int64, n), make([]string, n)
	for i := range n {
		c.add(kind, values(i))
		places[i], hashes[i] = c.Seq, c.Hash
	}
	return db.Columns{"chain_seq": places, "hash": hashes}
}

func seal(before, kind string, values []db.RawValue) string {
	sealable := make([]any, len(values))
	for i, v := range values {
		sealable[i] = v.Hashable()
	}
	return reconcile.Seal(before, kind, sealable...)
}

// saveChain writes where the trail has come to.
func (s *Store) saveChain(ctx context.Context, tx *sqlx.Tx, c *chain) error {
	n, err := s.Exec(ctx, tx, appendChainQuery.In(s.Dialect), db.Args{"project_id": c.ProjectID, "chain_seq": c.Seq, "hash": c.Hash})
	if err == nil && n != 1 {
		err = db.Errorf("the audit trail of project %s has lost its end", c.ProjectID)
	}
	return s.noRefusal("hhrecon_chain", err)
}

// noRefusal keeps a refusal by our own tables from being taken for one by the merchant's.
func (s *Store) noRefusal(table string, err error) error {
	if _, refused := db.Refusal(err); refused {
		return db.Errorf("%s: %s", table, s.Describe(err))
	}
	return err
}
