package hold

import (
	"context"
	stdsql "database/sql"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Batch is a part of a run that is settled in one transaction.
type Batch struct {
	Lease       reconcile.Lease
	Now         string
	First, Last int64
	Weight      reconcile.ImpactSummary // of the run, with what is held
	All         bool                    // every correction is held: so a version without classes had decided
}

// Read reads what the run decided about its classes.
func (b *Batch) Read(ctx context.Context, d *db.DB, tx *sqlx.Tx) error {
	var text string
	err := d.Get(ctx, tx, &text, classesOfRunQuery.In(d.Dialect), db.Args{"run_id": b.Lease.RunID})
	if err == nil {
		err = Decode(text, &b.Weight)
	}
	return err
}

// Held is the set of the classes whose corrections the batch does not write.
func (b *Batch) Held() (held reconcile.Class) {
	for i, c := range b.Weight.Classes {
		if c.Hold != 0 {
			held |= reconcile.Classes[i]
		}
	}
	return held
}

func (b *Batch) args() db.Args {
	a := db.Args{
		"run_id": b.Lease.RunID, "project_id": b.Lease.ProjectID, "first": b.First, "last": b.Last, "now": b.Now,
		"held": int64(b.Held()), "all": b.All, "day": b.Weight.Day,
	}
	for i, name := range []string{"declines", "other_sums", "late_credits", "downgrades"} {
		a[name] = stdsql.NullInt64{Int64: b.Weight.Classes[i].Hold, Valid: b.Weight.Classes[i].Hold != 0}
	}
	return a
}

// Unmark takes from the selection that held corrections are to be written.
func (b *Batch) Unmark(ctx context.Context, d *db.DB, tx *sqlx.Tx) error {
	_, err := d.Exec(ctx, tx, unmarkHeldQuery.In(d.Dialect), b.args())
	return err
}

// Save keeps the classes of the batch's corrections that were written or held, if it has any, and ends what was held of
// payins about which it has a trusted answer.
func (b *Batch) Save(ctx context.Context, d *db.DB, tx *sqlx.Tx, costly bool) error {
	if _, err := d.Exec(ctx, tx, overtakeQuery.In(d.Dialect), b.args()); err != nil || !costly {
		return err
	}
	_, err := d.Exec(ctx, tx, saveCostlyQuery.In(d.Dialect), b.args())
	return err
}

// EndOvertaken ends the project's older holds of which later runs have left nothing.
func EndOvertaken(ctx context.Context, d *db.DB, tx *sqlx.Tx, l reconcile.Lease) error {
	_, err := d.Exec(ctx, tx, endOvertakenQuery.In(d.Dialect), db.Args{"run_id": l.RunID, "project_id": l.ProjectID})
	return err
}
