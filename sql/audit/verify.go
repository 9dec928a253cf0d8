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

// Checkpoint is the last deleted entry of a project's audit log.
type Checkpoint struct {
	Seq       int64        `db:"chain_seq"`
	Hash      string       `db:"hash"`
	Cutoff    int64        `db:"goal"`
	Runs      int64        `db:"runs"`
	Until     db.Timestamp `db:"until"`
	Retention string       `db:"retention"`
	PrunedAt  db.Timestamp `db:"thinned_at"`
}

// Checkpoint returns a project's checkpoint. The checkpoint is the zero value if no entry was deleted.
func (s LogStore) Checkpoint(ctx context.Context, tx *sqlx.Tx, projectID string) (at Checkpoint, err error) {
	err = s.GetOr(ctx, tx, &at, query("checkpoint"), db.Args{"project_id": projectID}, nil)
	return at, err
}

// LockCheckpoint returns a project's checkpoint and locks it until the transaction ends, so no other process can prune
// the log.
func (s LogStore) LockCheckpoint(ctx context.Context, tx *sqlx.Tx, projectID string) (at Checkpoint, err error) {
	err = s.Get(ctx, tx, &at, query("lock_checkpoint").In(s.Dialect), db.Args{"project_id": projectID})
	return at, err
}

// entry is a finding or an action in the audit log.
type entry struct {
	kind     string
	position int64
	hash     string
	runID    int64
	seq      int64
	payin    string
	at       string        // when the entry was made
	body     db.RawValue   // the stored answer
	values   []db.RawValue // the values from which the hash is computed
	digest   string        // the answer's digest; "" if there is none, or in version 1
	keyID    string        // the ID of the hash's key; "" if there is none
	pruned   string        // the details of a pruning; "" for other entries
}

// String describes the entry for people.
func (e *entry) String() string {
	switch {
	case e.runID == 0:
		return fmt.Sprintf("the %s about payin %q", e.kind, e.payin)
	case e.seq == 0:
		return fmt.Sprintf("the %s about run %d", e.kind, e.runID)
	}
	return fmt.Sprintf("the %s about payin %q (number %d of run %d)", e.kind, e.payin, e.seq, e.runID)
}

// span is the maximum number of entries that one query reads.
const span = 1000

// verification is the state of a verification.
type verification struct {
	reconcile.Verification
	kept   reconcile.Head // a head that was saved earlier; the zero value if no head was saved
	pruned Pruned         // the last pruning in the log
	erased []erasure
	last   string // the ID of the last entry's key
}

// Verify verifies the project's audit log. Verify reports the first entry that was changed, deleted, added or moved,
// and a changed end. A person who has the key can replace all entries from one position to the end. If the log has no
// keys, any person with access can do so. Verify detects such a replacement only if the caller passes a head that was
// saved elsewhere. If the beginning of the log is pruned, Verify starts at the checkpoint.
func (s LogStore) Verify(ctx context.Context, projectID string,
	kept ...reconcile.Head) (reconcile.Verification, error) {
	var v verification
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		v = verification{}
		for _, v.kept = range kept { // a log has at most one such entry
		}
		head := Appender{ProjectID: projectID}
		err := s.Get(ctx, tx, &head, query("head").In(s.Dialect), db.Args{"project_id": projectID})
		if err != nil && !errors.Is(err, stdsql.ErrNoRows) {
			return err
		}
		checkpoint, err := s.Checkpoint(ctx, tx, projectID)
		if err != nil {
			return err
		}
		v.Entries, v.Head = checkpoint.Seq, checkpoint.Hash
		v.Pruned, v.PrunedRuns, v.PrunedAt, v.Retention = checkpoint.Seq, checkpoint.Runs, checkpoint.PrunedAt.Time,
			checkpoint.Retention
		v.Until = checkpoint.Until.Time
		if head.Seq < checkpoint.Seq {
			v.Break = fmt.Sprintf("the end of the log was changed: the log ends with entry %d, but entries up to %d were pruned",
				head.Seq, checkpoint.Seq)
		}
		if v.erased, err = s.erasures(ctx, tx, projectID); err != nil {
			return err
		}
		for first := checkpoint.Seq + 1; first <= head.Seq && v.Break == ""; first += span {
			if err := s.verifySpan(ctx, tx, &head, first, min(first+span-1, head.Seq), &v); err != nil {
				return err
			}
		}
		v.compare(&checkpoint, head.Seq)
		if v.Break == "" && v.last == "" {
			if v.Break, err = s.missingKey(ctx, tx, &head); err != nil {
				return err
			}
		}
		if v.Break == "" && v.Head != head.Hash {
			v.Break = fmt.Sprintf("the end of the log was changed: the stored head hash differs from the hash of the last "+
				"entry (entry %d)", head.Seq)
		}
		if v.Break == "" {
			v.Break, err = s.stray(ctx, tx, &head, checkpoint.Seq)
			return err
		}
		return nil
	})
	return v.Verification, s.WrapError(ctx, err)
}

// missingKey describes the error of a log that is empty, or whose last entry has no key.
func (s LogStore) missingKey(ctx context.Context, tx *sqlx.Tx, head *Appender) (string, error) {
	var ids []string
	err := s.List(ctx, tx, &ids, query("keyless").In(s.Dialect), db.Args{"keys": int64(len(s.Keys))})
	switch {
	case !slices.Contains(ids, head.ProjectID):
		return "", err
	case head.Seq == 0:
		return "the log has no entry, but there are runs or users: entries were deleted, or all runs and users are older " +
			"than an upgrade or the keys; only in the second case run \"hhrecon migrate\", which adds an entry", err
	}
	return fmt.Sprintf("the last entry (entry %d) has no key, but HHRECON_AUDIT_KEY_FILE is set: entries with a key were "+
		"deleted, or no entry was added since the key was set; only in the second case run \"hhrecon migrate\", which "+
		"adds an entry with a key", head.Seq), err
}

// RecordMigration adds the missing entries to the logs after a migration.
func (s LogStore) RecordMigration(ctx context.Context) error {
	return cmp.Or(s.RecordOldPrunings(ctx), s.RecordKeys(ctx))
}

// migrated is the kind of the event that migrate adds as a log's first entry, or as a log's first entry with a key.
const migrated reconcile.ActionKind = "migrate"

// RecordKeys adds an entry to each log that must have entries but is empty. If keys are set, RecordKeys also adds an
// entry to each log whose last entry has no key.
func (s LogStore) RecordKeys(ctx context.Context) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		var ids []string
		err := s.List(ctx, tx, &ids, query("keyless").In(s.Dialect), db.Args{"keys": int64(len(s.Keys))})
		for _, id := range ids {
			if err == nil {
				err = s.RecordEventIn(ctx, tx, reconcile.Event{ProjectID: id, Kind: migrated})
			}
		}
		return err
	})
}

// compare compares the checkpoint with the prunings in the log, and the saved head with the checkpoint.
func (v *verification) compare(at *Checkpoint, last int64) {
	v.KeptPruned = v.kept.Entries > 0 && v.kept.Entries < at.Seq
	switch {
	case v.Break != "":
	case at.Seq > 0 && at.Cutoff > v.pruned.Entry || at.Seq == v.pruned.Entry && at.Hash != v.pruned.Hash:
		v.Break = fmt.Sprintf("the checkpoint was moved: entries up to %d were deleted, but no action in the audit log "+
			"records their pruning", at.Seq)
	case v.kept.Entries > last:
		v.Break = fmt.Sprintf("the end of the log was deleted: the log ends with entry %d, but a head with entry %d was "+
			"saved", last, v.kept.Entries)
	case v.kept.Entries > 0 && v.kept.Entries == at.Seq && at.Hash != v.kept.Hash:
		v.Break = v.otherHash()
	}
}

func (v *verification) otherHash() string {
	return fmt.Sprintf("the hash of entry %[1]d differs from the saved head: entry %[1]d or an earlier entry was "+
		"changed, and all later hashes were computed again", v.kept.Entries)
}

// verifySpan verifies a range of positions. Each position must have one entry.
func (s LogStore) verifySpan(ctx context.Context, tx *sqlx.Tx, head *Appender, first, last int64,
	v *verification) error {
	a := db.Args{"project_id": head.ProjectID, "first": first, "last": last}
	entries, err := s.entries(ctx, tx, a)
	if err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		if v.Break = s.fault(e, v); v.Break != "" {
			return nil
		}
		v.Entries, v.Head, v.last = e.position, e.hash, e.keyID
		if e.keyID != "" {
			v.Keyed++
		}
		if e.pruned != "" {
			v.pruned = parsePruned(e.pruned)
		}
	}
	if v.Entries < last {
		v.Break = fmt.Sprintf("entry %d is missing because it was deleted or moved; the log ends with entry %d",
			v.Entries+1, head.Seq)
	}
	return nil
}

// fault describes the error of the next entry, or returns "" if the entry is valid.
func (s LogStore) fault(e *entry, v *verification) string {
	switch {
	case e.position > v.Entries+1:
		return fmt.Sprintf("entry %d is missing because it was deleted or moved; the next entry is %s, entry %d",
			v.Entries+1, e, e.position)
	case e.position <= v.Entries:
		return fmt.Sprintf("two entries have number %d; the second entry is %s", e.position, e)
	case e.keyID == "" && v.Keyed > 0:
		return fmt.Sprintf("entry %d has no key, but earlier entries have a key: %s", e.position, e)
	case e.keyID != "" && s.Keys.find(e.keyID) == nil:
		return fmt.Sprintf("entry %d cannot be verified: its key %q is missing in HHRECON_AUDIT_KEY_FILE", e.position,
			e.keyID)
	case entryHash(s.Keys.find(e.keyID), v.Head, e.kind, e.values) != e.hash:
		return fmt.Sprintf("entry %d was changed, added or moved: %s", e.position, e)
	case e.digest != "" && e.body.Value == nil:
		if !slices.ContainsFunc(v.erased, func(x erasure) bool { return x.covers(e) }) {
			return fmt.Sprintf("the answer of entry %d is missing, but no action in the audit log records its erasure: %s",
				e.position, e)
		}
	case e.digest != "" && AnswerDigest(e.body.Text()) != e.digest:
		return fmt.Sprintf("the stored answer of entry %d was changed: %s", e.position, e)
	}
	if e.position == v.kept.Entries && e.hash != v.kept.Hash {
		return v.otherHash()
	}
	return ""
}

// AnswerDigest returns the digest by which an entry refers to HighHelp's answer. AnswerDigest returns "" if there is no
// answer.
func AnswerDigest(body string) string {
	if body == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// entries reads a range of the log in order.
func (s LogStore) entries(ctx context.Context, tx *sqlx.Tx, a db.Args) ([]entry, error) {
	findings, err := s.entriesOf(ctx, tx, Finding, query("entries_of_findings"), a)
	if err != nil {
		return nil, err
	}
	actions, err := s.entriesOf(ctx, tx, Action, query("entries_of_actions"), a)
	all := append(findings, actions...)
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.position, b.position) })
	return all, err
}

// entriesOf reads the entries of a range that are in one table.
func (s LogStore) entriesOf(ctx context.Context, tx *sqlx.Tx, kind string, q db.Query, a db.Args) ([]entry, error) {
	rows, err := db.OpenRows(ctx, s.Dialect, tx, q.In(s.Dialect), a)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	const names = 7 // columns that identify the entry
	columns = columns[names:]
	version, digest := slices.Index(columns, "version"), slices.Index(columns, "answer_digest")
	key, what, facts := slices.Index(columns, "key_id"), slices.Index(columns, "kind"), slices.Index(columns, "facts")
	var entries []entry
	for rows.Next() {
		e := entry{kind: kind}
		var at db.RawValue
		values := make([]db.RawValue, len(columns))
		dest := []any{&e.position, &e.hash, &e.runID, &e.seq, &e.payin, &at, &e.body}
		for i := range values {
			dest = append(dest, &values[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		first := values[version].Int64() == 1
		for i, name := range columns {
			if first && slices.Contains(versionColumns, name) && (i == version || values[i].IsEmpty()) {
				continue // not in version 1; if the column has a value, the hash must not match
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

// stray describes the first entry whose position or project does not belong to the log.
func (s LogStore) stray(ctx context.Context, tx *sqlx.Tx, head *Appender, checkpoint int64) (string, error) {
	var row struct {
		Entry     string `db:"entry"`
		RunID     int64  `db:"run_id"`
		Seq       int64  `db:"seq"`
		PaymentID string `db:"payment_id"`
	}
	err := s.Get(ctx, tx, &row, query("stray_entry").In(s.Dialect),
		db.Args{"project_id": head.ProjectID, "head": head.Seq, "checkpoint": checkpoint})
	if errors.Is(err, stdsql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	begins := ""
	if checkpoint > 0 {
		begins = fmt.Sprintf("begins after entry %d and ", checkpoint)
	}
	e := entry{kind: row.Entry, runID: row.RunID, seq: row.Seq, payin: row.PaymentID}
	return fmt.Sprintf("%s does not belong to the log, which %sends with entry %d: "+
		"the entry was added or moved from another project, or the end of the log was changed", &e, begins, head.Seq), nil
}

// AuditLogProjects lists the projects that have an audit log or runs. A project with runs must have an audit log.
func (s LogStore) AuditLogProjects(ctx context.Context) ([]string, error) {
	return db.Select[string](ctx, s.DB, query("audited_projects"), nil)
}
