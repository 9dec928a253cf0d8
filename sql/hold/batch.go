package hold

import (
	"context"
	stdsql "database/sql"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Batch is a group of a run's payins that one transaction settles.
type Batch struct {
	Lease       reconcile.Lease
	Now         string
	First, Last int64
	Impact      reconcile.ImpactSummary // the run's impact and held classes
	All         bool                    // all corrections are held, as earlier versions decided
}

// Read loads the classes of corrections that the run holds.
func (b *Batch) Read(ctx context.Context, d *db.DB, tx *sqlx.Tx) error {
	var text string
	err := d.Get(ctx, tx, &text, query("classes_of_run").In(d.Dialect), db.Args{"run_id": b.Lease.RunID})
	if err == nil {
		err = Decode(text, &b.Impact)
	}
	return err
}

// Held returns the classes whose corrections the batch does not write.
func (b *Batch) Held() (held reconcile.Class) {
	for i, c := range b.Impact.Classes {
		if c.Hold != 0 {
			held |= reconcile.Classes[i]
		}
	}
	return held
}

func (b *Batch) args() db.Args {
	a := db.Args{"run_id": b.Lease.RunID, "project_id": b.Lease.ProjectID, "first": b.First, "last": b.Last, "now": b.Now,
		"held": int64(b.Held()), "all": b.All, "day": b.Impact.Day}
	for i, name := range []string{"declines", "other_sums", "late_credits", "downgrades"} {
		a[name] = stdsql.NullInt64{Int64: b.Impact.Classes[i].Hold, Valid: b.Impact.Classes[i].Hold != 0}
	}
	return a
}

// Unmark sets the column changes of held corrections to false, so correct_payins.sql does not write these corrections.
func (b *Batch) Unmark(ctx context.Context, d *db.DB, tx *sqlx.Tx) error {
	_, err := d.Exec(ctx, tx, query("unmark_held").In(d.Dialect), b.args())
	return err
}

// Save ends older holds of the payins for which the batch has a trusted answer. If costly is true, Save also stores the
// class of each correction that the batch wrote or held.
func (b *Batch) Save(ctx context.Context, d *db.DB, tx *sqlx.Tx, costly bool) error {
	if _, err := d.Exec(ctx, tx, query("overtake").In(d.Dialect), b.args()); err != nil || !costly {
		return err
	}
	_, err := d.Exec(ctx, tx, query("save_costly").In(d.Dialect), b.args())
	return err
}

// EndOvertaken ends the project's older holds that have no waiting corrections.
func EndOvertaken(ctx context.Context, d *db.DB, tx *sqlx.Tx, l reconcile.Lease) error {
	_, err := d.Exec(ctx, tx, query("end_overtaken").In(d.Dialect), db.Args{"run_id": l.RunID, "project_id": l.ProjectID})
	return err
}
