package merchant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// trial is a correction that the prover writes and reads back.
type trial struct {
	theirs string // HighHelp's status; the status map can translate several to the same word
	word   string // the merchant's status
	change db.Args
}

// trials returns a correction into each of HighHelp's statuses, like the corrections of a run.
func (p *prover) trials() []trial {
	// This amount differs from the payin's amount, so the prover detects a mix-up of the two amounts. The difference is a
	// whole major unit if the payin's amount is whole.
	amount := p.row["amount"].Int64()
	settled := amount + 100
	switch {
	case amount > 100 && amount%100 == 0:
		settled = amount - 100
	case amount > 1:
		settled = amount - 1
	}
	kept := p.row["settled_amount"].Value
	word := func(theirs string) string { return cmp.Or(p.project.StatusMap[theirs], theirs) }
	var all []trial
	for _, t := range []struct {
		status, sub string
		settled     any
	}{
		{"success", "", settled},
		{"dispute", "different_amount", settled},
		{"processing", "awaiting_confirm", kept},
		{"decline", "", nil},
		{"error", "", nil},
	} {
		all = append(all, trial{t.status, word(t.status), db.Args{
			"status_after": word(t.status), "sub_status_after": orNull(word(t.sub)), "settled_amount_after": t.settled,
		}})
	}
	return all
}

// line adds a test row to the selection. The row has the values that were read, with the changes.
func (p *prover) line(ctx context.Context, changes db.Args) error {
	p.seq++
	line := db.Args{"run_id": p.runID, "seq": p.seq, "changes": true}
	for _, column := range []string{"project_id", "payment_id", "amount", "currency", "status", "sub_status",
		"settled_amount", "updated_at"} {
		line[column] = p.row[column].Value
	}
	for _, column := range []string{"status", "sub_status", "settled_amount"} {
		line[column+"_after"] = line[column]
	}
	maps.Copy(line, changes)
	_, err := p.store.Exec(ctx, p.tx, query("plan_probe").In(p.store.Dialect), line)
	return p.store.OwnTableError("hhrecon_selection", err)
}

// write runs correct_payins.sql on rows of the selection, calls look, and rolls back. write returns a reason if
// correct_payins.sql wrote no row.
func (p *prover) write(ctx context.Context, first, last int64,
	look func(written []writtenRow) error) (why reconcile.Reason, err error) {
	if _, err := p.tx.ExecContext(ctx, "savepoint hhrecon_proof"); err != nil {
		return why, err
	}
	start := time.Now()
	written, err := p.store.writeCorrections(ctx, p.tx, p.runID, first, last, db.FormatTime(p.now))
	p.correct = time.Since(start)
	message, refused := db.Refusal(err)
	switch {
	case errors.Is(err, db.ErrLocked):
		why = reconcile.Because("proof.locked", p.row["payment_id"].Text())
	case refused:
		why = reconcile.Because("proof.refused", p.row["payment_id"].Text(), message)
	case err != nil:
		return why, err
	default:
		if err := look(written); err != nil {
			return why, err
		}
	}
	_, err = p.tx.ExecContext(ctx, "rollback to savepoint hhrecon_proof")
	return why, err
}

// try writes one correction and reads it back. try returns a reason if correct_payins.sql did not write the row.
func (p *prover) try(ctx context.Context, t *trial) (why reconcile.Reason, err error) {
	if err := p.line(ctx, t.change); err != nil {
		return why, err
	}
	id := p.row["payment_id"].Text()
	var kept reconcile.Reason
	why, err = p.write(ctx, p.seq, p.seq, func(written []writtenRow) error {
		switch {
		case len(written) == 1 && written[0].PaymentID == id:
			p.taken = t.change
			return p.readBack(ctx, t)
		case len(written) > 0:
			p.fault("rows", "", reconcile.Because("proof.other_rows", correctPayinsFile, id))
			return nil
		}
		obstacles, err := p.obstacles(ctx)
		if len(obstacles) > 0 {
			kept = reconcile.Because("proof.left_alone", correctPayinsFile, id).With(obstacles...)
			return err
		}
		kept = reconcile.Because("proof.not_written", correctPayinsFile, id)
		return err
	})
	if why.IsZero() {
		why = kept
	}
	return why, err
}

// obstacles returns the triggers and policies of the tables that may change a written row or prevent the write.
func (p *prover) obstacles(ctx context.Context) ([]reconcile.Reason, error) {
	type obstacle struct{ Code, Name, Relation string }
	var rows []obstacle
	err := p.store.List(ctx, p.tx, &rows, query("obstacles").In(p.store.Dialect), nil)
	return reconcile.Map(rows, func(r obstacle) reconcile.Reason {
		return reconcile.Because(r.Code, r.Name, r.Relation)
	}), err
}

// readBack compares the written values with the values that both queries read.
func (p *prover) readBack(ctx context.Context, t *trial) error {
	start := time.Now()
	byFile, err := p.seen(ctx, t.word, BeginOfTime, EndOfTime, BeginOfTime)
	p.lookup = time.Since(start)
	if err != nil {
		return err
	}
	if len(byFile) == 0 {
		obstacles, err := p.obstacles(ctx)
		why := reconcile.Because("proof.not_returned", t.word, OpenPayinsFile+", "+FinalPayinsFile)
		p.fault("status "+t.word, t.word, why.With(obstacles...))
		return err
	}
	for _, file := range []string{OpenPayinsFile, FinalPayinsFile} {
		rows := byFile[file]
		if len(rows) == 0 {
			continue
		}
		if err := p.windows(ctx, t, rows[0]); err != nil {
			return err
		}
		if len(rows) > 1 {
			p.fault("rows "+file, "", reconcile.Because("proof.twice", file, p.row["payment_id"].Text(), int64(len(rows))))
		}
		for _, column := range payinColumns {
			if err := p.compare(ctx, file, column.name, t, rows[0][column.name]); err != nil {
				return err
			}
		}
	}
	file := OpenPayinsFile
	if slices.Contains(p.project.FinalStatuses(), t.word) {
		file = FinalPayinsFile
	}
	if byFile[file] == nil {
		p.fault("status "+t.word, t.word, reconcile.Because("proof.not_returned", t.word, file))
	}
	return nil
}

// wants returns the value that a column must have after the trial.
func (p *prover) wants(column string, t *trial) db.RawValue {
	switch after, written := t.change[column+"_after"]; {
	case written:
		return db.Raw(after)
	case column == "updated_at":
		return db.Raw(db.FormatTime(p.now))
	}
	return p.row[column]
}

// compare adds an error for each column that was not read back as written, and for each column that changed
// but was not written.
func (p *prover) compare(ctx context.Context, file, column string, t *trial, read db.RawValue) error {
	want, before := p.wants(column, t), p.row[column]
	word := ""
	switch {
	case read == want || read.IsEmpty() && want.IsEmpty() || column == "settled_amount" && read.Int64() == want.Int64():
		return nil
	case column == "updated_at" && p.store.timeless && (read != before || read.IsEmpty()):
		return nil
	case column == "updated_at" && read != before && read.Near(db.Raw(db.FormatTime(p.now)), time.Minute):
		return nil
	case p.cannotStore(file, column, read):
		if !slices.Contains(p.Unstored, column) {
			p.Unstored = append(p.Unstored, column)
		}
		return nil
	case column == "status":
		word = t.word
	}
	obstacles, err := p.obstacles(ctx)
	if !isCorrected(column) {
		obstacles = nil
	}
	why := reconcile.Because("proof.read_back", correctPayinsFile, column, want.Quote(), file, read.Quote())
	p.fault(column+" "+word, word, why.With(append(p.causes(file, column, want, read), obstacles...)...))
	return err
}

// isCorrected reports whether corrections write a column.
func isCorrected(column string) bool {
	return slices.Contains([]string{"status", "sub_status", "settled_amount", "updated_at"}, column)
}

// cannotStore reports whether the merchant's table does not store a column. The query returns null for such a column,
// and correct_payins.sql does not write it.
func (p *prover) cannotStore(file, column string, read db.RawValue) bool {
	m := p.store
	query := m.open
	if file == FinalPayinsFile {
		query = m.final
	}
	return (column == "sub_status" || column == "settled_amount") && read.Value == nil && m.cannotStore(query, column)
}

// causes returns likely reasons why a column was not read back as written.
func (p *prover) causes(file, column string, want, read db.RawValue) []reconcile.Reason {
	var causes []reconcile.Reason
	for _, factor := range []int64{10, 100, 1000} {
		switch w, r := want.Int64(), read.Int64(); {
		case r == 0 || !isCorrected(column):
		case r == w*factor:
			cure := fmt.Sprintf("s.%s_after / %d.0", column, factor)
			causes = append(causes, reconcile.Because("cause.times", factor, file, cure))
		case w/factor == r, (w+factor/2)/factor == r: // the query may round
			cure := fmt.Sprintf("s.%s_after * %d", column, factor)
			causes = append(causes, reconcile.Because("cause.times", factor, file, cure))
		}
	}
	var wrote, found db.Timestamp
	if strings.HasSuffix(column, "_at") && wrote.Scan(want.Value) == nil && found.Scan(read.Value) == nil {
		shift := found.Sub(wrote.Time)
		whole := shift.Round(15 * time.Minute)
		if whole != 0 && whole.Abs() <= 14*time.Hour && (shift-whole).Abs() <= time.Minute {
			causes = append(causes, reconcile.Because("cause.zone", whole.String(), column))
		}
	}
	switch {
	case want.Text() != "" && strings.TrimRight(read.Text(), " ") == want.Text():
		cure := fmt.Sprintf("cast(rtrim(%[1]s) as text) as %[1]s", column)
		causes = append(causes, reconcile.Because("cause.blanks", file, cure))
	case isCorrected(column) && read == p.row[column]:
		causes = append(causes, reconcile.Because("cause.not_written", correctPayinsFile, column))
	case column == "status" && slices.ContainsFunc(p.trials(), func(t trial) bool { return t.word == read.Text() }):
		causes = append(causes, reconcile.Because("cause.swapped"))
	case !isCorrected(column):
		causes = append(causes, reconcile.Because("cause.mixed", file, OpenPayinsFile, FinalPayinsFile))
	}
	return causes
}

// misread returns the columns that correct_payins.sql and open_payins.sql read in different units or time zones.
// misread tries other values until correct_payins.sql writes the row.
func (p *prover) misread(ctx context.Context) (causes []reconcile.Reason, err error) {
	var changes []change
	for _, column := range []string{"amount", "settled_amount"} {
		for _, factor := range []int64{10, 100, 1000} {
			if read := p.row[column].Int64(); read != 0 {
				changes = append(changes, change{column, read * factor}, change{column, read / factor})
			}
		}
	}
	var updated db.Timestamp
	if updated.Scan(p.row["updated_at"].Value) == nil && !updated.IsZero() {
		for hours := -14 * time.Hour; hours <= 14*time.Hour; hours += time.Hour {
			changes = append(changes, change{"updated_at", db.FormatTime(updated.Add(hours))})
		}
	}
	written, err := p.written(ctx, p.trials()[0].change, changes)
	for _, c := range written {
		read, compared := p.row[c.column].Quote(), db.Raw(c.value).Quote()
		why := reconcile.Because("cause.guard", OpenPayinsFile, c.column, read, correctPayinsFile, compared)
		causes = append(causes, why)
	}
	return causes, err
}

// guards checks that correct_payins.sql does not write rows that have changed.
func (p *prover) guards(ctx context.Context) error {
	var updated db.Timestamp
	earlier := db.FormatTime(p.now.AddDate(-1, 0, 0)) // earlier than the row's updated_at, because a guard may use "<="
	if updated.Scan(p.row["updated_at"].Value) == nil && !updated.IsZero() {
		earlier = db.FormatTime(updated.Add(-2 * time.Second))
	}
	word := p.trials()[0].word
	if word == p.row["status"].Text() {
		word = p.trials()[3].word
	}
	changes := []change{
		{"status", word}, {"sub_status", "no_payment"}, {"settled_amount", p.row["settled_amount"].Int64() + 12300},
		{"updated_at", earlier}, {"amount", 2*p.row["amount"].Int64() + 12300}, {"currency", "USD"},
		{"project_id", noProject}, {"payment_id", noProject}, {"changes", false},
	}
	if p.row["sub_status"].Text() == "no_payment" {
		changes[1].value = "others"
	}
	if p.row["currency"].Text() == "USD" {
		changes[5].value = "EUR"
	}
	changes = slices.DeleteFunc(changes, func(c change) bool {
		return slices.Contains(p.Unstored, c.column) ||
			c.column == "updated_at" && p.store.timeless && p.row["updated_at"].IsEmpty()
	})
	if _, err := p.write(ctx, p.seq+1, p.seq, func(written []writtenRow) error { // a range without rows
		if len(written) > 0 {
			p.fault("rows", "", reconcile.Because("proof.other_rows", correctPayinsFile, p.row["payment_id"].Text()))
		}
		return nil
	}); err != nil || p.found["rows"] {
		return err
	}
	written, err := p.written(ctx, p.taken, changes)
	for _, c := range written {
		p.unguardedColumn(c.column)
	}
	return err
}

// change is a value that replaces the value of one column that was read.
type change struct {
	column string
	value  any
}

// written returns the changes after which correct_payins.sql still writes the row.
func (p *prover) written(ctx context.Context, correction db.Args, changes []change) (written []change, err error) {
	first := p.seq + 1
	for _, c := range changes {
		line := maps.Clone(correction)
		line[c.column] = c.value
		if err := p.line(ctx, line); err != nil {
			return nil, err
		}
	}
	wrote := false
	look := func(rows []writtenRow) error {
		wrote = len(rows) > 0
		return nil
	}
	if why, err := p.write(ctx, first, p.seq, look); err != nil || !wrote && why.IsZero() {
		return nil, err
	}
	for i, c := range changes { // one by one, because at least one change was written or rejected
		wrote = false
		if _, err := p.write(ctx, first+int64(i), first+int64(i), look); err != nil {
			return nil, err
		}
		if wrote {
			written = append(written, c)
		}
	}
	return written, nil
}

// unguardedColumn adds an error for a column that correct_payins.sql does not compare with the value that was read.
func (p *prover) unguardedColumn(column string) {
	same := "is not distinct from"
	if p.store.Dialect == db.SQLite {
		same = "is"
	}
	line := fmt.Sprintf("and p.%[1]s %[2]s s.%[1]s", column, same)
	switch column {
	case "amount", "currency":
		p.unguarded = true
		return
	case "changes":
		line = "and s.changes"
	}
	p.fault("guard "+column, "", reconcile.Because("proof.guard", correctPayinsFile, column, line))
}
