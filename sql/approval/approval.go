// Package approval stores proposals, which a second person must approve. The method Needed decides which actions need
// an approval.
package approval

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Approvals stores proposals in a database.
type Approvals struct{ *db.DB }

// proposalRow is a row of proposals.sql.
type proposalRow struct {
	reconcile.Action
	Decided, Undone, Judged, Held, Taken bool // later events (see proposals.sql)
}

// proposal converts the row to a proposal. The field Closed says why the proposal can no longer be approved.
func (r *proposalRow) proposal(now time.Time) reconcile.Proposal {
	p := reconcile.Proposal{Action: r.Action}
	kind := p.Facts.Proposes.Kind
	switch {
	case r.Taken:
		p.Closed = "another proposal replaced it"
	case kind != reconcile.ActionRelease && r.Decided:
		p.Closed = "the payin or run was decided or undone in the meantime"
	case kind == reconcile.ActionDecide && r.Judged:
		p.Closed = "a later run has judged this payin again"
	case kind.Undoes() && r.Undone:
		p.Closed = "the run was undone in the meantime"
	case kind == reconcile.ActionRelease && !r.Held:
		p.Closed = reconcile.ErrNotHeld.Error() + " any more"
	case now.Sub(r.At) >= reconcile.ProposalTime:
		p.Closed = "the proposal is older than 24 hours"
	}
	return p
}

// Proposals lists a project's proposals that wait for approval, oldest first. An empty projectID means all projects.
func (s Approvals) Proposals(ctx context.Context, projectID string, now time.Time) ([]reconcile.Proposal, error) {
	all, err := s.proposals(ctx, s.Conn, projectID, 0, now)
	open := slices.DeleteFunc(all, func(p reconcile.Proposal) bool { return p.Closed != "" })
	return open, s.WrapError(ctx, err)
}

// Proposal returns one proposal, open or closed. Proposal returns reconcile.ErrNotApproved if the proposal does not
// exist.
func (s Approvals) Proposal(ctx context.Context, projectID string, id int64,
	now time.Time) (reconcile.Proposal, error) {
	p, err := s.proposal(ctx, s.Conn, projectID, id, now)
	return p, s.WrapError(ctx, err)
}

func (s Approvals) proposal(ctx context.Context, q sqlx.QueryerContext, projectID string, id int64,
	now time.Time) (reconcile.Proposal, error) {
	all, err := s.proposals(ctx, q, projectID, id, now)
	if err == nil && (len(all) == 0 || id == 0) {
		err = fmt.Errorf("action %d: %w: the action is not a proposal of project %s", id, reconcile.ErrNotApproved, projectID)
	}
	if err != nil {
		return reconcile.Proposal{}, err
	}
	return all[0], nil
}

func (s Approvals) proposals(ctx context.Context, q sqlx.QueryerContext, projectID string, id int64,
	now time.Time) ([]reconcile.Proposal, error) {
	since := now.Add(-reconcile.ProposalTime)
	if id != 0 {
		since = time.Unix(0, 0)
	}
	var rows []proposalRow
	a := db.Args{"project_id": projectID, "id": id, "since": db.FormatTime(since)}
	err := s.List(ctx, q, &rows, query("proposals").In(s.Dialect), a)
	return db.Column(rows, func(r *proposalRow) reconcile.Proposal { return r.proposal(now) }), err
}

// Sums are sums in minor units, by currency.
type Sums = map[string]reconcile.Sum

// SumsOfHold returns the sums of the corrections that a run's hold keeps back. A class of 0 means all classes.
func (s Approvals) SumsOfHold(ctx context.Context, q sqlx.QueryerContext, runID int64,
	class reconcile.Class) (Sums, error) {
	return s.sums(ctx, q, query("findings_of_hold").In(s.Dialect).With(db.Args{"hold_id": runID, "class": int64(class)}))
}

// SumsOfPlan returns the sums of a run's payins that a plan would write.
func (s Approvals) SumsOfPlan(ctx context.Context, q sqlx.QueryerContext, runID int64, plan db.Subquery) (Sums, error) {
	return s.sums(ctx, q, query("findings_of_plan").In(s.Dialect).With(db.Args{"run_id": runID, "plan": plan}))
}

// sumRow is a sum in one currency. A sum of actions also has the actor.
type sumRow struct {
	By       string
	Facts    reconcile.ActionFacts
	Currency string
	Sum      reconcile.Sum
}

func (s Approvals) sums(ctx context.Context, q sqlx.QueryerContext, candidates db.Subquery) (Sums, error) {
	var rows []sumRow
	err := s.List(ctx, q, &rows, query("sums_of_findings").In(s.Dialect), db.Args{"candidates": candidates})
	sums := make(Sums, len(rows))
	for _, r := range rows {
		sums[r.Currency] = r.Sum
	}
	return sums, err
}

// Needed reports whether a second person must approve an action. Needed compares the limits with the action's sums, and
// with the sums of all actions of the same person within 24 hours. The caller has locked the project. For an action
// that approves a proposal, Needed checks the approval and may return reconcile.ErrNotApproved. If the action makes
// this person the author of a proposal, another person must still approve it.
func (s Approvals) Needed(ctx context.Context, q sqlx.QueryerContext, projectID, by string, c *reconcile.Consent,
	sums Sums, at time.Time) (bool, error) {
	if c.Approves != nil {
		return !c.Approves.Proven(), s.check(ctx, q, projectID, c, sums, at)
	}
	if c.Above == 0 || c.Via == reconcile.ViaCLI || exceed(sums, c.Above) {
		return c.Above != 0, nil
	}
	var rows []sumRow
	a := db.Args{"project_id": projectID, "since": db.FormatTime(at.Add(-reconcile.ProposalTime))}
	if err := s.List(ctx, q, &rows, query("sums_by_actor").In(s.Dialect), a); err != nil {
		return false, err
	}
	sums, person := maps.Clone(sums), reconcile.Person{Name: by, Identity: c.Identity}
	for _, r := range rows {
		if _, ours := sums[r.Currency]; ours && person.Is(reconcile.Person{Name: r.By, Identity: r.Facts.Identity}) {
			sums[r.Currency] = sums[r.Currency].Plus(r.Sum)
		}
	}
	return exceed(sums, c.Above), nil
}

// exceed reports whether the sum of any currency is above a limit.
func exceed(sums Sums, limit int64) bool {
	for _, sum := range sums {
		if reconcile.SumOf(limit).Minus(sum).Sign() < 0 {
			return true
		}
	}
	return false
}

// check checks that the approved proposal is still open, and that the proposal's sums are at least the action's sums.
func (s Approvals) check(ctx context.Context, q sqlx.QueryerContext, projectID string, c *reconcile.Consent, sums Sums,
	at time.Time) error {
	p, err := s.proposal(ctx, q, projectID, c.Approves.ID, at)
	if err == nil {
		err = p.Check(c.Approver)
	}
	for currency, sum := range sums {
		if err == nil && p.Facts.Proposes.Sums[currency].Minus(sum).Sign() < 0 {
			err = fmt.Errorf("proposal %d: %w: the sums of the action have grown since the proposal: propose the action "+
				"again", p.ID, reconcile.ErrNotApproved)
		}
	}
	return err
}
