package sql_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// personalVerdict returns the same verdict as the function verdict, with an answer that contains the payin's ID.
func personalVerdict(f reconcile.Finding) reconcile.Finding {
	f = verdict(f)
	f.Answer = `{"payment_id":"` + f.PaymentID + `","customer":"Aigul"}`
	return f
}

// bodies counts the stored answers and the stored alerts that have a body.
func (f *fixture) bodies() (answers, alerts int) {
	return f.count("select count(*) from hhrecon_answer where body is not null"),
		f.count("select count(*) from hhrecon_alert where length(body) > 0")
}

func (f *fixture) wantBodies(about string, answers, alerts int) {
	f.Helper()
	if a, b := f.bodies(); a != answers || b != alerts {
		f.Errorf("%s: %d answers and %d alerts are kept, want %d and %d", about, a, b, answers, alerts)
	}
}

func (f *fixture) erase(id string) (reconcile.Erasure, error) {
	by := reconcile.Person{Name: "Aida", Via: reconcile.ViaCLI}
	return f.s.ErasePayin(f.ctx, project, id, by, "request of the customer")
}

// Erasing a payin erases only the payin's answers and alerts. The audit log stays valid. An erasure cannot hide that
// another answer is missing.
func TestErasePayin(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		f.wholeRun(reconcile.CorrectionApplied, personalVerdict)
		first := f.findings(reconcile.ReportScope{ProjectID: project})[0].PaymentID
		for _, id := range []string{first, "another"} {
			f.saveAlert(reconcile.Alert{
				ProjectID: project, PaymentID: id, TextDigest: id, Body: []byte(`{"customer":"Aigul"}`),
				ReceivedAt: closing, State: reconcile.AlertDone,
			})
		}
		f.wantBodies("before", 3, 2)
		places := f.wantIntact().Entries

		done, err := f.erase(first)
		f.must(err)
		equal(f, "erased", done, reconcile.Erasure{Answers: 1, Alerts: 1})
		f.wantBodies("after", 2, 1)
		equal(f, "entries with the erasure", f.wantIntact().Entries, places+1)
		equal(f, "recorded", f.word("select who || ' ' || note from hhrecon_action where kind = 'erase'"),
			"Aida request of the customer")
		done, err = f.erase(first)
		f.must(err)
		equal(f, "erased again", done, reconcile.Erasure{})
		equal(f, "entries after nothing was erased", f.wantIntact().Entries, places+1)

		f.do("update hhrecon_answer set body = null")
		if broken := f.breaks(); !strings.Contains(broken, "is missing, but") {
			f.Errorf("the answers of other payins are gone: %q", broken)
		}
	})
}

// Unreadable alerts that contain the payment ID are erased too, even if they are stored without a payin. Alerts of
// another payin stay.
func TestEraseUnreadableAlerts(t *testing.T) {
	conform(t, func(f *fixture) {
		for body, goes := range map[string]bool{
			`{"general":{"payment_id":"KG-1"},"status":{"status":"success"}}`:                             true,
			`{"project_id":"another","general":{"payment_id":"\u004bG-1"},"status":{"status":"success"}}`: true,
			`{"project_id":"` + project + `","general":{"payment_id":"KG-1"}}`:                            true,
			`{"general":{"payment_id":"KG-10"}}`:                                                          false,
			`not KG-1`:                                                                                    true,
		} {
			for _, before := range []bool{false, true} {
				a := reconcile.AlertOf(project, body, []byte(body), closing)
				if equal(f, body, a.State, reconcile.AlertUnreadable); before {
					a.PaymentID, a.TextDigest = "", "before "+body
				}
				f.saveAlert(a)
			}
			done, err := f.erase("KG-1")
			f.must(err)
			want := reconcile.Erasure{}
			if goes {
				want.Alerts = 2
			}
			equal(f, body, done, want)
		}
		f.wantBodies("after", 0, 2)
	})
}

// After an erasure, HighHelp's new answers about the payin are not stored. An answer that was erased because of its age
// is stored again if HighHelp sends the answer again. An erasure does not explain missing answers of later entries. The
// audit log stays valid.
func TestAnswerComesAgain(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		again := func(answers int) {
			f.Helper()
			f.wholeRun(reconcile.CorrectionDryRun, personalVerdict)
			f.wantBodies("after the next run", answers, 0)
			f.wantIntact()
		}
		again(2)
		id := f.findings(reconcile.ReportScope{ProjectID: project})[0].PaymentID
		_, err := f.erase(id)
		f.must(err)
		again(1)
		f.wholeRun(reconcile.CorrectionDryRun, func(v reconcile.Finding) reconcile.Finding {
			v = personalVerdict(v)
			v.Answer += " "
			return v
		})
		f.wantBodies("after another answer", 2, 0)
		f.wantIntact()

		_, err = f.s.EraseOld(f.ctx, project, time.Now().Add(48*time.Hour))
		f.must(err)
		f.wantBodies("erased by age", 0, 0)
		again(1)
		f.do("update hhrecon_answer set body = null")
		if broken := f.breaks(); !strings.Contains(broken, "is missing, but") {
			f.Errorf("an erasure covers a later entry: %q", broken)
		}
	})
}

// A release of an erased payin's correction queries HighHelp. HighHelp's answer to this query is not stored.
func TestReleaseErased(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		_, err := f.erase("payin-0001")
		f.must(err)
		another := func(p *reconcile.Finding) { p.Answer = `{"status":"decline","payment_id":"` + p.PaymentID + `"}` }
		done := f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: answers(
			map[string]func(*reconcile.Finding){"payin-0000": another, "payin-0001": another},
		)})
		equal(f, "results", results(done), "applied applied")
		equal(f, "answers of the actions", f.word(`select count(*) || ' ' || max(payment_id) from hhrecon_action
			where answer_digest is not null and payment_id <> ''`), "1 payin-0000")
		equal(f, "bodies", f.count(`select count(*) from hhrecon_answer where body like '%payin-0001%'`), 0)
		f.wantIntact()
	})
}

// After the erasure of a payin without stored data, later answers about the payin are not stored.
func TestEraseBeforeTheFirstAnswer(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(1)...)
		_, l := f.open(nightly("a"))
		all, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 10)
		f.must(err)
		_, err = f.erase(all[0].PaymentID)
		f.must(err)
		f.judge(l, personalVerdict)
		f.end(l, reconcile.CorrectionDryRun)
		f.wantBodies("after the run", 0, 0)
		f.wantIntact()
	})
}

// A payin that a run has queried but not settled cannot be erased, because its finding would follow the erasure.
func TestEraseDuringRun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(1)...)
		f.wholeRun(reconcile.CorrectionDryRun, personalVerdict)
		id := f.findings(reconcile.ReportScope{ProjectID: project})[0].PaymentID
		_, l := f.open(nightly("a"))
		f.judge(l, personalVerdict)
		if _, err := f.erase(id); !errors.Is(err, reconcile.ErrOpenRun) {
			f.Errorf("erased within a run: %v", err)
		}
		f.wantBodies("refused", 1, 0)
		f.end(l, reconcile.CorrectionDryRun)
		_, err := f.erase(id)
		f.must(err)
		f.wantBodies("after the run", 0, 0)
		f.wantIntact()
	})
}

// Old answers and alerts of the project are erased. Answers that are not old and waiting alerts stay. A second call
// of EraseOld erases nothing.
func TestEraseOld(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		f.wholeRun(reconcile.CorrectionDryRun, personalVerdict)
		made := f.findings(reconcile.ReportScope{ProjectID: project})[0].CheckedAt
		for id, state := range map[string]reconcile.AlertState{"done": reconcile.AlertDone, "waits": reconcile.AlertWaiting} {
			f.saveAlert(reconcile.Alert{
				ProjectID: project, PaymentID: id, TextDigest: id, Body: []byte(`{"customer":"Aigul"}`),
				ReceivedAt: made, State: state,
			})
		}
		for _, early := range []time.Duration{-24 * time.Hour, time.Minute} {
			done, err := f.s.EraseOld(f.ctx, project, made.Add(early))
			f.must(err)
			equal(f, "answers of after", done.Answers, int64(0))
		}
		done, err := f.s.EraseOld(f.ctx, "another", made.Add(24*time.Hour))
		f.must(err)
		equal(f, "of another project", done, reconcile.Erasure{})
		f.wantBodies("before", 3, 2)

		done, err = f.s.EraseOld(f.ctx, project, made.Add(24*time.Hour))
		f.must(err)
		equal(f, "erased", done, reconcile.Erasure{Answers: 3, Alerts: 1})
		f.wantBodies("after", 0, 1)
		f.wantIntact()
		done, err = f.s.EraseOld(f.ctx, project, made.Add(24*time.Hour))
		f.must(err)
		equal(f, "erased again", done, reconcile.Erasure{})
	})
}

// An erasure of old answers does not explain a missing answer of an entry after the cutoff, even if the time in the
// answer's row is changed.
func TestErasureCoversOldEntriesOnly(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		f.wholeRun(reconcile.CorrectionDryRun, personalVerdict)
		made := f.findings(reconcile.ReportScope{ProjectID: project})[0].CheckedAt
		f.do("update hhrecon_answer set last_seen_at = '2020-01-01T00:00:00.000000Z'")
		_, err := f.s.EraseOld(f.ctx, project, made.Add(-24*time.Hour))
		f.must(err)
		f.wantBodies("an answer's time was changed", 0, 0)
		if broken := f.breaks(); !strings.Contains(broken, "is missing, but") {
			f.Errorf("covered: %q", broken)
		}
	})
}

// An answer inside a version 1 entry of the audit log is not erased. The result counts such answers.
func TestEraseVersion1(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(1)...)
		f.wholeRun(reconcile.CorrectionDryRun, personalVerdict)
		f.tamper("update hhrecon_finding set version = 1, answer = 'x', answer_digest = null")
		made := f.findings(reconcile.ReportScope{ProjectID: project})[0]
		done, err := f.erase(made.PaymentID)
		f.must(err)
		if done.Inline != 1 || !done.InlineLatest.Equal(made.CheckedAt) {
			f.Errorf("got %d answers of version 1, the last of %s, want 1 of %s",
				done.Inline, done.InlineLatest, made.CheckedAt)
		}
	})
}
