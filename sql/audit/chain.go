// Package audit keeps the audit log of each project: findings and actions, each with its place, from 1 without gaps,
// and a hash over the hash before and all its columns.
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

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	checkpointQuery        = Files.Load("checkpoint")
	moveHeadQuery          = Files.Load("move_head")
	entriesOfActionsQuery  = Files.Load("entries_of_actions")
	entriesOfFindingsQuery = Files.Load("entries_of_findings")
	headQuery              = Files.Load("head")
	strayEntryQuery        = Files.Load("stray_entry")
	dropActionsQuery       = Files.Load("drop_actions")
	dropFindingsQuery      = Files.Load("drop_findings")
	entryHashQuery         = Files.Load("entry_hash")
	erasuresQuery          = Files.Load("erasures")
	keyedQuery             = Files.Load("keyed")
	keylessQuery           = Files.Load("keyless")
	lockCheckpointQuery    = Files.Load("lock_checkpoint")
	lockHeadQuery          = Files.Load("lock_head")
	moveCheckpointQuery    = Files.Load("move_checkpoint")
	rightsQuery            = Files.Load("rights")
	saveEventQuery         = Files.Load("save_event")
	auditedProjectsQuery   = Files.Load("audited_projects")
	unrecordedQuery        = Files.Load("unrecorded")
)

// The kinds of an audit log's entries.
const (
	Finding = "finding"
	Action  = "action"
)

// Version is the format of the entries that are written. The hash of version 1 covers a finding's answer and has
// none of the columns in versionColumns; that of version 2 covers them, and a digest in place of the answer.
const Version int64 = 2

// versionColumns are those that entries of version 1 have empty. To add a column to the entries, add a version: the
// hash of an entry covers the columns of its version, and no others.
var versionColumns = []string{"version", "answer_digest", "reason_code", "reason_args", "facts", "key_id"}

// LogStore keeps the audit logs of a database's projects.
type LogStore struct {
	*db.DB
	Keys Keys // for the hashes of entries; none: SHA-256 without a key
}

// Appender adds to the end of a project's audit log, which the transaction has to itself.
type Appender struct {
	ProjectID string `db:"project_id"`
	Seq       int64  `db:"chain_seq"`
	Hash      string `db:"hash"`

	KeyID stdsql.NullString `db:"key_id"` // of the last entry, or of those that are added
	key   *Key
}

// LockLog keeps everybody else from the project's audit log until the transaction ends. It comes
// after the lock on a run and before those on the merchant's rows, always.
func (s LogStore) LockLog(ctx context.Context, tx *sqlx.Tx, projectID string) (*Appender, error) {
	c := Appender{ProjectID: projectID}
	err := s.Get(ctx, tx, &c, lockHeadQuery.In(s.Dialect), db.Args{"project_id": projectID})
	if err == nil && c.KeyID.Valid && len(s.Keys) > 0 {
		err = s.fits(ctx, tx, &c)
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

// needsKey refuses to go on without a key where the last entry has one.
func (c *Appender) needsKey() error {
	if !c.KeyID.Valid {
		return nil
	}
	return db.Errorf("the entries of the audit log of project %s have the key %q, and HHRECON_AUDIT_KEY_FILE "+
		"is not set: nothing is written", cmp.Or(c.ProjectID, "(none)"), c.KeyID.String)
}

// CheckKeys returns an error if a log has entries with a key, and no key is set.
func (s LogStore) CheckKeys(ctx context.Context) error {
	var c Appender
	err := s.GetOr(ctx, s.Conn, &c, keyedQuery, nil, nil)
	if len(s.Keys) > 0 || err != nil {
		return s.WrapError(ctx, err)
	}
	return c.needsKey()
}

// fits computes the hash of the last entry again, which has a key. Entries behind one that does not fit would hide who
// made it.
func (s LogStore) fits(ctx context.Context, tx *sqlx.Tx, c *Appender) error {
	const nothing = ": nothing is written"
	key := s.Keys.find(c.KeyID.String)
	if key == nil {
		return db.Errorf("HHRECON_AUDIT_KEY_FILE does not have the key %q, which the last entry of the audit log of "+
			"project %s has%s", c.KeyID.String, c.ProjectID, nothing)
	}
	at, err := s.Checkpoint(ctx, tx, c.ProjectID)
	a := db.Args{"project_id": c.ProjectID, "entry": c.Seq - 1, "first": c.Seq, "last": c.Seq}
	if err == nil && c.Seq-1 > at.Seq {
		err = s.GetOr(ctx, tx, &at.Hash, entryHashQuery, a, nil)
	}
	var last []entry
	for kind, q := range map[string]db.Query{Finding: entriesOfFindingsQuery, Action: entriesOfActionsQuery} {
		var some []entry
		if err == nil {
			some, err = s.entries(ctx, tx, kind, q, a)
		}
		last = append(last, some...)
	}
	if err == nil && (len(last) != 1 || seal(key, at.Hash, last[0].kind, last[0].values) != c.Hash) {
		err = db.Errorf("the last entry of the audit log of project %s does not fit its key %q%s; either "+
			"HHRECON_AUDIT_KEY_FILE has another secret under this ID, or the log was changed, which \"hhrecon verify\" "+
			"tells with the right file", c.ProjectID, key.ID, nothing)
	}
	return err
}

// add goes on to the next entry. Its own place is the last of the values that its hash covers.
func (c *Appender) add(kind string, values []db.RawValue) {
	c.Seq++
	c.Hash = seal(c.key, c.Hash, kind, append(values, db.Raw(c.Seq)))
}

// Key is what an entry has as its key_id.
func (c *Appender) Key() db.RawValue {
	if c.key == nil {
		return db.RawValue{}
	}
	return db.Raw(c.key.ID)
}

// AddAll goes on by n entries, and returns the columns that tell their places: chain_seq and hash.
func (c *Appender) AddAll(kind string, n int, values func(i int) []db.RawValue) db.Columns {
	places, hashes := make([]int64, n), make([]string, n)
	for i := range n {
		c.add(kind, values(i))
		places[i], hashes[i] = c.Seq, c.Hash
	}
	return db.Columns{"chain_seq": places, "hash": hashes}
}

func seal(key *Key, before, kind string, values []db.RawValue) string {
	sealable := make([]any, len(values))
	for i, v := range values {
		sealable[i] = v.Hashable()
	}
	if key == nil {
		return reconcile.EntryHash(nil, before, kind, sealable...)
	}
	return reconcile.EntryHash(key.Secret, before, kind, sealable...)
}

// SaveLog writes where the trail has come to.
func (s LogStore) SaveLog(ctx context.Context, tx *sqlx.Tx, c *Appender) error {
	a := db.Args{"project_id": c.ProjectID, "chain_seq": c.Seq, "hash": c.Hash, "key_id": c.KeyID}
	n, err := s.Exec(ctx, tx, moveHeadQuery.In(s.Dialect), a)
	if err == nil && n != 1 {
		err = db.Errorf("the audit log of project %s has lost its end", c.ProjectID)
	}
	return s.OwnTableError("hhrecon_chain", err)
}
