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
	err = s.GetOr(ctx, tx, &at, checkpointQuery, db.Args{"project_id": projectID}, nil)
	return at, err
}

// LockCheckpoint keeps everybody else from taking out of a project's audit log until the transaction ends.
func (s LogStore) LockCheckpoint(ctx context.Context, tx *sqlx.Tx, projectID string) (at Checkpoint, err error) {
	err = s.Get(ctx, tx, &at, lockCheckpointQuery.In(s.Dialect), db.Args{"project_id": projectID})
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
	at     string        // when it was made
	body   db.RawValue   // the answer that is kept of it
	values []db.RawValue // what its hash is made of
	digest string        // of the answer; "" if there was none, or the entry is of version 1
	keyID  string        // of the key of its hash; "" if it has none
	pruned string        // of a pruning: its facts
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

// verification is what was found so far.
type verification struct {
	reconcile.Verification
	kept   reconcile.Head // a copy of an earlier head; the zero one for none
	pruned Pruned         // the last pruning that the log has
	erased []erasure
	last   string // the key of the last entry
}

// Verify computes the project's audit log again and tells where it breaks: at an entry that was changed, is missing,
// was added or has another's place, or at an end that was cut off. It cannot see that all entries from one on were
// written again, by somebody who has the key or in a log without keys. A head that was kept elsewhere shows that: pass
// it here. If the log's beginning is pruned, Verify begins at the checkpoint.
func (s LogStore) Verify(
	ctx context.Context, projectID string, kept ...reconcile.Head,
) (reconcile.Verification, error) {
	var v verification
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		v = verification{}
		for _, v.kept = range kept { // one at most
		}
		head := Appender{ProjectID: projectID}
		err := s.Get(ctx, tx, &head, headQuery.In(s.Dialect), db.Args{"project_id": projectID})
		if err != nil && !errors.Is(err, stdsql.ErrNoRows) {
			return err
		}
		anchor, err := s.Checkpoint(ctx, tx, projectID)
		if err != nil {
			return err
		}
		v.Entries, v.Head = anchor.Seq, anchor.Hash
		v.Pruned, v.PrunedRuns, v.PrunedAt, v.Retention = anchor.Seq, anchor.Runs, anchor.ThinnedAt.Time, anchor.Retention
		v.Until = anchor.Until.Time
		if head.Seq < anchor.Seq {
			v.Break = fmt.Sprintf("the trail's end was changed: it ends with entry %d, and up to entry %d it was taken out",
				head.Seq, anchor.Seq)
		}
		if v.erased, err = s.erasures(ctx, tx, projectID); err != nil {
			return err
		}
		for first := anchor.Seq + 1; first <= head.Seq && v.Break == ""; first += span {
			if err := s.verifySpan(ctx, tx, &head, first, min(first+span-1, head.Seq), &v); err != nil {
				return err
			}
		}
		v.compare(&anchor, head.Seq)
		if v.Break == "" && v.last == "" {
			if v.Break, err = s.keyless(ctx, tx, &head); err != nil {
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
	return v.Verification, s.WrapError(ctx, err)
}

// keyless says what is wrong with a log that is empty, or whose last entry has no key.
func (s LogStore) keyless(ctx context.Context, tx *sqlx.Tx, head *Appender) (string, error) {
	var due []string
	err := s.List(ctx, tx, &due, keylessQuery.In(s.Dialect), db.Args{"keys": int64(len(s.Keys))})
	switch {
	case !slices.Contains(due, head.ProjectID):
		return "", err
	case head.Seq == 0:
		return "it has no entry, where there are runs or users: entries were deleted, or all of them are from before an " +
			"upgrade or before there were keys; only then run \"hhrecon migrate\", which adds one", err
	}
	return fmt.Sprintf("its last entry, %d, has no key, and HHRECON_AUDIT_KEY_FILE is set: entries with a key were "+
		"deleted, or nothing was written since there are keys; only then run \"hhrecon migrate\", which adds an entry "+
		"with a key", head.Seq), err
}

// RecordMigration completes the logs after a migration.
func (s LogStore) RecordMigration(ctx context.Context) error {
	return cmp.Or(s.RecordOldPrunings(ctx), s.RecordKeys(ctx))
}

// migrated is the kind of the event from which on entries have keys, or that is the first of a log that was empty.
const migrated reconcile.ActionKind = "migrate"

// RecordKeys adds an entry to each log that should have entries and has none, or none with a key yet.
func (s LogStore) RecordKeys(ctx context.Context) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var due []string
		err := s.List(ctx, tx, &due, keylessQuery.In(s.Dialect), db.Args{"keys": int64(len(s.Keys))})
		for _, id := range due {
			if err == nil {
				err = s.RecordEventIn(ctx, tx, reconcile.Event{ProjectID: id, Kind: migrated})
			}
		}
		return err
	})
}

// compare compares the checkpoint with the prunings that the log has, and the head that was kept with the checkpoint.
func (v *verification) compare(at *Checkpoint, last int64) {
	v.KeptPruned = v.kept.Entries > 0 && v.kept.Entries < at.Seq
	switch {
	case v.Break != "":
	case at.Seq > 0 && at.Goal > v.pruned.Entry || at.Seq == v.pruned.Entry && at.Hash != v.pruned.Hash:
		v.Break = fmt.Sprintf("the checkpoint was moved: entries up to %d were deleted, and no action of the audit log "+
			"says that they were pruned", at.Seq)
	case v.kept.Entries > last:
		v.Break = fmt.Sprintf("the end was cut off: the log ends with entry %d, and a head of %d entries was kept",
			last, v.kept.Entries)
	case v.kept.Entries > 0 && v.kept.Entries == at.Seq && at.Hash != v.kept.Hash:
		v.Break = v.otherHash()
	}
}

func (v *verification) otherHash() string {
	return fmt.Sprintf("entry %d has another hash than the head that was kept: it or an entry before it was changed, and "+
		"all hashes after that were made again", v.kept.Entries)
}

// verifySpan goes through the entries of a span, each of which must be there once.
func (s LogStore) verifySpan(
	ctx context.Context, tx *sqlx.Tx, head *Appender, first, last int64, v *verification,
) error {
	a := db.Args{"project_id": head.ProjectID, "first": first, "last": last}
	entries, err := s.entries(ctx, tx, Finding, entriesOfFindingsQuery, a)
	if err != nil {
		return err
	}
	actions, err := s.entries(ctx, tx, Action, entriesOfActionsQuery, a)
	if err != nil {
		return err
	}
	entries = append(entries, actions...)
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.place, b.place) })
	for i := range entries {
		e := &entries[i]
		if v.Break = s.fault(e, v); v.Break != "" {
			return nil
		}
		v.Entries, v.Head, v.last = e.place, e.hash, e.keyID
		if e.keyID != "" {
			v.Keyed++
		}
		if e.pruned != "" {
			v.pruned = parsePruned(e.pruned)
		}
	}
	if v.Entries < last {
		v.Break = fmt.Sprintf("entry %d is missing: it was deleted, or its place was changed; the trail's end is entry %d",
			v.Entries+1, head.Seq)
	}
	return nil
}

// fault says what is wrong with the next entry; "" if it holds.
func (s LogStore) fault(e *entry, v *verification) string {
	switch {
	case e.place > v.Entries+1:
		return fmt.Sprintf("entry %d is missing: it was deleted, or its place was changed; next comes %s, entry %d",
			v.Entries+1, e, e.place)
	case e.place <= v.Entries:
		return fmt.Sprintf("entry %d is there twice: the second one is %s", e.place, e)
	case e.keyID == "" && v.Keyed > 0:
		return fmt.Sprintf("entry %d has no key, but the entries before it have one: %s", e.place, e)
	case e.keyID != "" && s.Keys.find(e.keyID) == nil:
		return fmt.Sprintf("entry %d cannot be verified: HHRECON_AUDIT_KEY_FILE does not have its key %q", e.place, e.keyID)
	case seal(s.Keys.find(e.keyID), v.Head, e.kind, e.values) != e.hash:
		return fmt.Sprintf("entry %d was changed, added or put in another's place: %s", e.place, e)
	case e.digest != "" && e.body.Value == nil:
		if !slices.ContainsFunc(v.erased, func(x erasure) bool { return x.covers(e) }) {
			return fmt.Sprintf("the answer of entry %d is gone, and no action of the audit log says that it was erased: %s",
				e.place, e)
		}
	case e.digest != "" && AnswerDigest(e.body.Text()) != e.digest:
		return fmt.Sprintf("the answer that is kept of entry %d was changed: %s", e.place, e)
	}
	if e.place == v.kept.Entries && e.hash != v.kept.Hash {
		return v.otherHash()
	}
	return ""
}

// AnswerDigest is how an entry names an answer of HighHelp's; "" is that there is none.
func AnswerDigest(body string) string {
	if body == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
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
	const names = 7 // columns that say which entry it is
	columns = columns[names:]
	version, digest := slices.Index(columns, "version"), slices.Index(columns, "answer_digest")
	key, what, facts := slices.Index(columns, "key_id"), slices.Index(columns, "kind"), slices.Index(columns, "facts")
	var entries []entry
	for rows.Next() {
		e := entry{kind: kind}
		var at db.RawValue
		values := make([]db.RawValue, len(columns))
		dest := []any{&e.place, &e.hash, &e.runID, &e.seq, &e.payin, &at, &e.body}
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
			e.digest, e.at, e.keyID = values[digest].Text(), at.Text(), values[key].Text()
		}
		if what >= 0 && values[what].Text() == string(reconcile.ActionPrune) {
			e.pruned = values[facts].Text()
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
	err := s.Get(ctx, tx, &row, strayEntryQuery.In(s.Dialect),
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

// AuditLogProjects lists the projects that have an audit log, or runs that should have left one.
func (s LogStore) AuditLogProjects(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.List(ctx, s.Conn, &ids, auditedProjectsQuery.In(s.Dialect), db.Args{})
	return ids, s.WrapError(ctx, err)
}
