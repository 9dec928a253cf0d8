package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	stdsql "database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Checkpoint is how far a project's audit log was taken out.
type Checkpoint struct {
	Seq       int64        `db:"chain_seq"`
	Hash      string       `db:"hash"`
	Goal      int64        `db:"goal"`
	Runs      int64        `db:"runs"`
	Until     db.Timestamp `db:"until"`
	Retention string       `db:"retention"`
	ThinnedAt db.Timestamp `db:"thinned_at"`
}

// Checkpoint is that of a project, the zero one where nothing was taken out.
func (s LogStore) Checkpoint(ctx context.Context, tx *sqlx.Tx, projectID string) (at Checkpoint, err error) {
	err = s.GetOr(ctx, tx, &at, anchorQuery, db.Args{"project_id": projectID}, nil)
	return at, err
}

// LockCheckpoint keeps everybody else from taking out of a project's audit log until the transaction ends.
func (s LogStore) LockCheckpoint(ctx context.Context, tx *sqlx.Tx, projectID string) (at Checkpoint, err error) {
	err = s.Get(ctx, tx, &at, lockAnchorQuery.In(s.Dialect), db.Args{"project_id": projectID})
	return at, err
}

// entry is a finding or an action as the audit log has it.
type entry struct {
	kind   string
	place  int64
	hash   string
	runID  int64
	seq    int64
	payin  string
	body   db.RawValue   // the answer that is kept of it
	values []db.RawValue // what its hash is made of
	digest string        // of the answer; "" if there was none, or the entry is of version 1
}

// String names the entry for people.
func (e *entry) String() string {
	switch {
	case e.runID == 0:
		return fmt.Sprintf("the %s about payin %q", e.kind, e.payin)
	case e.seq == 0:
		return fmt.Sprintf("the %s about the whole run %d", e.kind, e.runID)
	}
	return fmt.Sprintf("the %s about payin %q, number %d of run %d", e.kind, e.payin, e.seq, e.runID)
}

// span is how many entries are read at once.
const span = 1000

// Verify recomputes the project's audit log and tells where it breaks: at an entry of which a column was
// changed, that is missing, was added or has another's place, or at an end that was cut off. It cannot
// see an audit log that was written again from some entry on, together with its end; a reader that keeps Head
// elsewhere can. Where the trail's beginning was taken out by age, it goes on from the hash that Prune has kept of it.
func (s LogStore) Verify(ctx context.Context, projectID string) (reconcile.Verification, error) {
	var v reconcile.Verification
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		v = reconcile.Verification{}
		head := Appender{ProjectID: projectID}
		err := s.Get(ctx, tx, &head, chainHeadQuery.In(s.Dialect), db.Args{"project_id": projectID})
		if err != nil && !errors.Is(err, stdsql.ErrNoRows) {
			return err
		}
		anchor, err := s.Checkpoint(ctx, tx, projectID)
		if err != nil {
			return err
		}
		v.Entries, v.Head = anchor.Seq, anchor.Hash
		v.Thinned, v.ThinnedRuns, v.ThinnedAt, v.Retention = anchor.Seq, anchor.Runs, anchor.ThinnedAt.Time, anchor.Retention
		if head.Seq < anchor.Seq {
			v.Break = fmt.Sprintf("the trail's end was changed: it ends with entry %d, and up to entry %d it was taken out",
				head.Seq, anchor.Seq)
		}
		for first := anchor.Seq + 1; first <= head.Seq && v.Break == ""; first += span {
			if err := s.verifySpan(ctx, tx, &head, first, min(first+span-1, head.Seq), &v); err != nil {
				return err
			}
		}
		if v.Break == "" && v.Head != head.Hash {
			v.Break = fmt.Sprintf("the trail's end was changed: it has another hash than its last entry, %d", head.Seq)
		}
		if v.Break == "" {
			v.Break, err = s.stray(ctx, tx, &head, anchor.Seq)
			return err
		}
		return nil
	})
	return v, s.WrapError(ctx, err)
}

// verifySpan goes through the entries of a span, each of which must be there once.
func (s LogStore) verifySpan(
	ctx context.Context, tx *sqlx.Tx, head *Appender, first, last int64, v *reconcile.Verification,
) error {
	a := db.Args{"project_id": head.ProjectID, "first": first, "last": last}
	entries, err := s.entries(ctx, tx, Finding, chainFindingsQuery, a)
	if err != nil {
		return err
	}
	actions, err := s.entries(ctx, tx, Action, chainActionsQuery, a)
	if err != nil {
		return err
	}
	entries = append(entries, actions...)
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.place, b.place) })
	for i := range entries {
		e := &entries[i]
		switch {
		case e.place > v.Entries+1:
			v.Break = fmt.Sprintf("entry %d is missing: it was deleted, or its place was changed; next comes %s, entry %d",
				v.Entries+1, e, e.place)
		case e.place <= v.Entries:
			v.Break = fmt.Sprintf("entry %d is there twice: the second one is %s", e.place, e)
		case seal(v.Head, e.kind, e.values) != e.hash:
			v.Break = fmt.Sprintf("entry %d was changed, added or put in another's place: %s", e.place, e)
		case e.digest != "" && e.body.Value == nil:
			if err := s.requireErased(ctx, tx, head.ProjectID, e, v); err != nil {
				return err
			}
		case e.digest != "" && AnswerDigest(e.body.Text()) != e.digest:
			v.Break = fmt.Sprintf("the answer that is kept of entry %d was changed: %s", e.place, e)
		}
		if v.Break != "" {
			return nil
		}
		v.Entries, v.Head = e.place, e.hash
	}
	if v.Entries < last {
		v.Break = fmt.Sprintf("entry %d is missing: it was deleted, or its place was changed; the trail's end is entry %d",
			v.Entries+1, head.Seq)
	}
	return nil
}

// AnswerDigest is how an entry names an answer of HighHelp's; "" is that there is none.
func AnswerDigest(body string) string {
	if body == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// requireErased breaks the audit log at an entry whose answer is gone, unless an action says that it was erased.
func (s LogStore) requireErased(
	ctx context.Context, tx *sqlx.Tx, projectID string, e *entry, v *reconcile.Verification,
) error {
	var erased bool
	err := s.Get(ctx, tx, &erased, answerErasedQuery.In(s.Dialect), db.Args{"digest": e.digest, "project_id": projectID})
	if err == nil && !erased {
		v.Break = fmt.Sprintf("the answer of entry %d is gone, and no action of the audit log says that it was erased: %s",
			e.place, e)
	}
	return err
}

// entries reads a span of one table.
func (s LogStore) entries(ctx context.Context, tx *sqlx.Tx, kind string, q db.Query, a db.Args) ([]entry, error) {
	rows, err := db.OpenRows(ctx, s.Dialect, tx, q.In(s.Dialect), a)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	const names = 6 // columns that say which entry it is
	columns = columns[names:]
	version, digest := slices.Index(columns, "version"), slices.Index(columns, "answer_digest")
	var entries []entry
	for rows.Next() {
		e := entry{kind: kind}
		values := make([]db.RawValue, len(columns))
		dest := []any{&e.place, &e.hash, &e.runID, &e.seq, &e.payin, &e.body}
		for i := range values {
			dest = append(dest, &values[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		first := values[version].Int64() == 1
		for i, name := range columns {
			if first && slices.Contains(versionColumns, name) && (i == version || values[i].IsEmpty()) {
				continue // what version 1 does not have stays empty, else the hash is another
			}
			e.values = append(e.values, values[i])
		}
		if !first {
			e.digest = values[digest].Text()
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// stray names an entry that the trail has no place for.
func (s LogStore) stray(ctx context.Context, tx *sqlx.Tx, head *Appender, anchor int64) (string, error) {
	var row struct {
		Entry     string `db:"entry"`
		RunID     int64  `db:"run_id"`
		Seq       int64  `db:"seq"`
		PaymentID string `db:"payment_id"`
	}
	err := s.Get(ctx, tx, &row, chainStraysQuery.In(s.Dialect),
		db.Args{"project_id": head.ProjectID, "head": head.Seq, "anchor": anchor})
	if errors.Is(err, stdsql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	begins := ""
	if anchor > 0 {
		begins = fmt.Sprintf("begins after entry %d and ", anchor)
	}
	e := entry{kind: row.Entry, runID: row.RunID, seq: row.Seq, payin: row.PaymentID}
	return fmt.Sprintf("%s has no place in the trail, which %sends with entry %d: "+
		"it was added, moved to another project, or the end was changed", &e, begins, head.Seq), nil
}

// TrailProjects lists the projects that have an audit log, or runs that should have left one.
func (s LogStore) TrailProjects(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.List(ctx, s.Conn, &ids, trailProjectsQuery.In(s.Dialect), db.Args{})
	return ids, s.WrapError(ctx, err)
}
