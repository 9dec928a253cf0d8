package sql_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// different returns a held success. HighHelp's amount is one som more than the row's amount.
func different(p reconcile.Finding) reconcile.Finding {
	p = verdict(p)
	p.Outcome, p.PaidAmount = reconcile.DifferentAmount, p.Amount+100
	p.After = reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: p.PaidAmount}
	return p
}

// decision is a person's decision about a payin's latest finding, based on HighHelp's answer at that time.
func (f *fixture) decision(id string, w reconcile.DecisionInput) reconcile.Decision {
	f.Helper()
	w.Choice = reconcile.ChoiceAccept
	if w.At.IsZero() {
		w.At = acting
	}
	r, err := reconcile.NewDecision(f.ctx, f.s, project, id, w)
	f.must(err)
	decisions := []reconcile.Decision{r}
	_, err = reconcile.QueryDecisions(f.ctx, sameAnswers, decisions)
	f.must(err)
	return decisions[0]
}

// above returns the consent of a page user who may act alone up to a sum.
func above(sum int64) reconcile.Consent { return reconcile.Consent{Via: reconcile.ViaPage, Above: sum} }

func (f *fixture) proposal(id int64, now time.Time) reconcile.Proposal {
	f.Helper()
	p, err := f.s.Proposal(f.ctx, project, id, now)
	f.must(err)
	return p
}

var bakyt = reconcile.Person{Name: "Bakyt", Via: reconcile.ViaToken}

// A decision above the limit is saved as a proposal. The decision is written once, after another person approves the
// proposal.
func TestDecisionIsApproved(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(1)...)
		run := f.wholeRun(reconcile.CorrectionApplied, different)
		w := reconcile.DecisionInput{By: "Aida", Note: "the receipt says so", Consent: above(1099)}
		a, err := f.s.ApplyDecision(f.ctx, f.decision("payin-0000", w))
		f.must(err)
		equal(f, "proposed", string(a.Kind)+" "+string(a.Result), "propose none")
		equal(f, "row", f.word("select status from payins"), "dispute")
		open, err := f.s.Proposals(f.ctx, project, acting)
		f.must(err)
		equal(f, "open", len(open), 1)
		p := f.proposal(a.ID, acting.Add(time.Hour))
		equal(f, "sum", p.Facts.Proposes.Sums["KGS"].String(), "1100")
		for who, why := range map[reconcile.Person]string{
			{Name: "AIDA", Via: reconcile.ViaPage}: "Aida proposed it, so another person must approve it",
			{Name: "Bakyt", Via: reconcile.ViaCLI}: "approve it on the page, or set HHRECON_TOKEN",
		} {
			_, err := f.s.ApplyDecision(f.ctx, f.decision("payin-0000", p.DecisionInput(who, acting.Add(time.Hour))))
			if !errors.Is(err, reconcile.ErrNotApproved) || !strings.Contains(err.Error(), why) {
				f.Errorf("%v: %v", who, err)
			}
		}
		_, err = f.s.ApplyDecision(f.ctx, f.decision("payin-0000",
			p.DecisionInput(bakyt, acting.Add(reconcile.ProposalTime))))
		equal(f, "expired", errors.Is(err, reconcile.ErrNotApproved), true)
		equal(f, "row", f.word("select status from payins"), "dispute")

		approved := f.decision("payin-0000", p.DecisionInput(bakyt, acting.Add(time.Hour)))
		a, err = f.s.ApplyDecision(f.ctx, approved)
		f.must(err)
		equal(f, "approved", string(a.Kind)+" "+string(a.Result)+" "+a.By, "decide applied Aida")
		equal(f, "row", f.word("select status from payins"), "success")
		last := f.actions(run.ID)[1]
		equal(f, "facts", last.Facts.ApprovedBy.Name+" "+string(last.Facts.ApprovedBy.Via), "Bakyt token")
		equal(f, "its proposal", last.Facts.Proposal, p.ID)
		f.execute(reconcile.RunAction{Kind: reconcile.ActionUndoDecision, RunID: run.ID, By: "Aida", At: acting})
		_, err = f.s.ApplyDecision(f.ctx, approved)
		equal(f, "twice", errors.Is(err, reconcile.ErrNotApproved), true)
		equal(f, "entries", f.wantIntact().Entries, int64(4))
		f.tamper("update hhrecon_action set facts = replace(facts, 'Bakyt', 'Cholp') where kind = 'decide'")
		v, err := f.s.Verify(f.ctx, project)
		f.must(err)
		equal(f, "forged", v.Entries, int64(2))
	})
}

// Several decisions below the limit need approval if their sum is above the limit. Approval is also needed if the
// decisions are simultaneous, or if the person's name is spelled differently.
func TestSplitDecisions(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		f.wholeRun(reconcile.CorrectionApplied, different)
		var once sync.WaitGroup
		kinds := make([]reconcile.ActionKind, 2)
		for i, w := range []reconcile.DecisionInput{
			{By: "Aida", Consent: above(2000)}, {By: "aida", Consent: above(2000)},
		} {
			r := f.decision(payin(i).PaymentID, w)
			once.Go(func() {
				a, err := f.s.ApplyDecision(f.ctx, r)
				if err != nil {
					f.Error(err)
				}
				kinds[i] = a.Kind
			})
		}
		once.Wait()
		if kinds[0] == kinds[1] {
			f.Errorf("both became %s", kinds[0])
		}
		kind := func(id string, w reconcile.DecisionInput) reconcile.ActionKind {
			f.Helper()
			a, err := f.s.ApplyDecision(f.ctx, f.decision(id, w))
			f.must(err)
			return a.Kind
		}
		renamed := above(2000)
		renamed.Identity = "https://id u-1"
		equal(f, "another person", kind("payin-0002", reconcile.DecisionInput{By: "Bakyt", Consent: renamed}),
			reconcile.ActionDecide)
		equal(f, "by another name", kind("payin-0003", reconcile.DecisionInput{By: "B.", Consent: renamed}),
			reconcile.ActionPropose)
		later := reconcile.DecisionInput{By: "B.", Consent: renamed, At: acting.Add(reconcile.ProposalTime + time.Second)}
		equal(f, "a day later", kind("payin-0003", later), reconcile.ActionDecide)
	})
}

// A proposal closes if a later run judges the payin. The proposal then shows HighHelp's new answer.
func TestProposalsEnd(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		f.wholeRun(reconcile.CorrectionApplied, different)
		propose := func(id string) reconcile.Proposal {
			f.Helper()
			a, err := f.s.ApplyDecision(f.ctx, f.decision(id, reconcile.DecisionInput{By: "Aida", Consent: above(1)}))
			f.must(err)
			return f.proposal(a.ID, acting)
		}
		p := propose("payin-0000")
		r := f.decision(p.PaymentID, p.DecisionInput(bakyt, acting))
		r.Answer.PaidAmount++
		a, err := f.s.ApplyDecision(f.ctx, r)
		f.must(err)
		equal(f, "another answer", string(a.Result)+" "+a.Reason.Code, "superseded row.other_answer")
		equal(f, "used", f.proposal(p.ID, acting).Closed, "the payin or run was decided or undone in the meantime")

		p = propose("payin-0001")
		f.wholeRun(reconcile.CorrectionApplied, different)
		equal(f, "judged", f.proposal(p.ID, acting).Closed, "a later run has judged this payin again")
		r = f.decision(p.PaymentID, p.DecisionInput(bakyt, acting))
		_, err = f.s.ApplyDecision(f.ctx, r)
		equal(f, "about an earlier finding", errors.Is(err, reconcile.ErrNotApproved), true)
		equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 0)
	})
}

// The limit applies to the sum of all corrections of a release or an undo. On the command line, a person without a
// token can only propose.
func TestOrdersAreApproved(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		release := reconcile.RunAction{
			Kind: reconcile.ActionRelease, RunID: run.ID, By: "Aida", At: acting, Ask: sameAnswers, Consent: above(3002),
		}
		proposed := f.execute(release)
		equal(f, "proposed", results(proposed)+" "+string(proposed[0].Kind), "none propose")
		p := f.proposal(proposed[0].ID, acting)
		equal(f, "sum", p.Facts.Proposes.Sums["KGS"].String(), "3003")
		o := p.RunAction(reconcile.Person{Name: "aida", Via: reconcile.ViaToken}, acting)
		o.Ask = sameAnswers
		err := f.s.Execute(f.ctx, o, func(reconcile.Action) error { return nil })
		equal(f, "by itself", errors.Is(err, reconcile.ErrNotApproved), true)
		equal(f, "declined", f.count("select count(*) from payins where status = 'decline'"), 0)
		o = p.RunAction(bakyt, acting)
		o.Ask = sameAnswers
		equal(f, "approved", results(f.execute(o)), "applied applied applied")

		undo := reconcile.RunAction{
			Kind: reconcile.ActionUndo, RunID: run.ID, By: "Cholpon", At: acting, Consent: above(1_000_000),
		}
		undo.Consent.Via = reconcile.ViaCLI
		proposed = f.execute(undo)
		p = f.proposal(proposed[0].ID, acting)
		equal(f, "undo", string(proposed[0].Kind)+" "+p.Facts.Proposes.Sums["KGS"].String(), "propose 3003")
		undo.Consent.Via = reconcile.ViaToken
		equal(f, "below the limit", results(f.execute(undo)), "applied applied applied")
		equal(f, "dropped", f.proposal(p.ID, acting).Closed, "the run was undone in the meantime")
	})
}

// A proposed release cannot be approved after corrections were added to the hold. The release of one class does not
// write the corrections of other classes.
func TestProposalOfLess(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		run := f.class(nightly("a"), "2026-11-01", begin, halves)
		release := reconcile.RunAction{
			Kind: reconcile.ActionRelease, RunID: run.ID, Class: reconcile.Declines,
			By: "Aida", At: acting, Consent: above(1),
		}
		p := f.proposal(f.execute(release)[0].ID, acting)
		equal(f, "sum", p.Facts.Proposes.Sums["KGS"].String(), "2001")
		f.save(payin(7))
		f.class(named(7), "2026-11-01", nil, of(reconcile.Declines))
		o := p.RunAction(bakyt, acting)
		o.Ask = sameAnswers
		err := f.s.Execute(f.ctx, o, func(reconcile.Action) error { return nil })
		if !errors.Is(err, reconcile.ErrNotApproved) || !strings.Contains(err.Error(), "the sums of the action have grown") {
			f.Errorf("approved: %v", err)
		}
		equal(f, "rows", f.rows(), "[pending pending pending pending pending]")
		p = f.proposal(f.execute(release)[0].ID, acting)
		o = p.RunAction(bakyt, acting)
		o.Ask = sameAnswers
		equal(f, "approved", results(f.execute(o)), "applied applied applied")
		equal(f, "others", f.rows(), "[decline decline pending pending decline]")
	})
}

// If the author of a proposal was not identified, the first person who approves the proposal becomes its author.
// Another person must then approve the proposal.
func TestTakeOver(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		run := f.wholeRun(reconcile.CorrectionApplied, different)
		unproven := reconcile.Consent{Via: reconcile.ViaCLI, Identity: "os:root", Above: 2000}
		a, err := f.s.ApplyDecision(f.ctx, f.decision("payin-0000",
			reconcile.DecisionInput{By: "Bek", Note: "why", Consent: unproven}))
		f.must(err)
		equal(f, "author", a.Author(), "os:root (says: Bek)")
		p := f.proposal(a.ID, acting)
		a, err = f.s.ApplyDecision(f.ctx, f.decision("payin-0000", p.DecisionInput(bakyt, acting)))
		f.must(err)
		equal(f, "taken over", string(a.Kind)+" "+string(a.Result)+" "+a.Author()+" "+a.Note, "propose none Bakyt why")
		equal(f, "row", f.word("select status from payins"), "dispute")
		aida := reconcile.Person{Name: "Aida", Via: reconcile.ViaPage}
		equal(f, "used", f.proposal(p.ID, acting).Closed, "another proposal replaced it")
		taken := f.proposal(a.ID, acting)
		for _, again := range []reconcile.DecisionInput{p.DecisionInput(aida, acting), taken.DecisionInput(bakyt, acting)} {
			_, err := f.s.ApplyDecision(f.ctx, f.decision("payin-0000", again))
			equal(f, "refused", errors.Is(err, reconcile.ErrNotApproved), true)
		}
		open, err := f.s.Proposals(f.ctx, project, acting)
		f.must(err)
		equal(f, "open", len(open), 1)
		a, err = f.s.ApplyDecision(f.ctx, f.decision("payin-0000", taken.DecisionInput(aida, acting)))
		f.must(err)
		equal(f, "approved", string(a.Kind)+" "+string(a.Result)+" "+a.Author()+" "+a.Facts.ApprovedBy.Name,
			"decide applied Bakyt Aida")
		a, err = f.s.ApplyDecision(f.ctx, f.decision("payin-0001",
			reconcile.DecisionInput{By: "Bakyt", Consent: above(2000)}))
		f.must(err)
		equal(f, "together above the limit", a.Kind, reconcile.ActionPropose)

		undo := reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID, By: "os:root", At: acting, Consent: unproven}
		p = f.proposal(f.execute(undo)[0].ID, acting)
		takeover := f.execute(p.RunAction(bakyt, acting))
		equal(f, "the entry", string(takeover[0].Kind)+" "+takeover[0].Author(), "propose Bakyt")
		equal(f, "used", f.proposal(p.ID, acting).Closed, "another proposal replaced it")
		taken = f.proposal(takeover[0].ID, acting)
		equal(f, "undone", results(f.execute(taken.RunAction(aida, acting))), "superseded applied")
		f.wantIntact()
	})
}
