package sql_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

func TestRowsThatChangedAreLeftAlone(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(7)...)
		run, l := f.open(nightly("a"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			if p.Seq == 7 {
				return unchanged(p)
			}
			return verdict(p)
		})
		moved := midnight.Add(time.Second + time.Microsecond).Format("2006-01-02T15:04:05.000000Z")
		f.do("update payins set status = 'processing' where payment_id = 'payin-0000'")
		f.do("update payins set updated_at = '" + moved + "' where payment_id = 'payin-0001'")
		f.do("delete from payins where payment_id = 'payin-0002'")
		f.do("update payins set sub_status = 'noted' where payment_id = 'payin-0003'")
		f.do("update payins set settled_amount = 0 where payment_id = 'payin-0004'") // the value was null before
		f.end(l, reconcile.CorrectionApplied)
		var got []reconcile.Correction
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			got = append(got, one.Correction)
		}
		equal(f, "corrections", got, []reconcile.Correction{"superseded", "superseded", "superseded", "superseded",
			"superseded", "applied", "none"})
		equal(f, "row 0", f.word("select status from payins where payment_id = 'payin-0000'"), "processing")
		equal(f, "row 1", f.word("select status from payins where payment_id = 'payin-0001'"), "pending")
		equal(f, "row 5", f.word("select status from payins where payment_id = 'payin-0005'"), "success")
		equal(f, "corrected", f.count("select count(*) from hhrecon_finding where (corrected_at is null) = (correction = "+
			"'applied')"), 0)
		equal(f, "updated", f.count("select count(*) from payins where updated_at = '"+
			closing.Format(time.RFC3339)[:19]+".000000Z'"), 1)
		w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, false)
		f.must(err)
		equal(f, "changes", w.Changes, 6)
	})
}

func TestExactNulls(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		f.do("update payins set sub_status = '', settled_amount = 0, lifetime = 0 where payment_id in ('payin-0001', " +
			"'payin-0003')")
		run, l := f.open(nightly("a"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			if p.Seq <= 2 { // the first value is null, the second is empty
				return unchanged(p)
			}
			p = declined(p)
			p.After.SubStatus = ""
			return p
		})
		f.end(l, reconcile.CorrectionApplied)
		nulls := func(column string) int {
			return f.count("select count(*) from hhrecon_finding where " + column + " is null")
		}
		for _, column := range []string{"sub_status_before", "settled_amount_before", "lifetime", "sub_status_after",
			"settled_amount_after"} {
			equal(f, column, nulls(column), 2)
		}
		equal(f, "provider_sub_status", nulls("provider_sub_status"), 4)
		equal(f, "expires_at", nulls("expires_at"), 4)
		equal(f, "amount", nulls("amount"), 2)
		equal(f, "empty ones", f.count("select count(*) from payins where sub_status = '' and settled_amount = 0"), 2)
		equal(f, "null ones", f.count("select count(*) from payins where sub_status is null and settled_amount is null"), 2)
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			equal(f, "as read", []any{one.SubStatus, one.SettledAmount, one.Lifetime, one.ExpiresAt},
				[]any{"", 0, 0, time.Time{}})
		}
	})
}

// A value that the verdict sets to empty becomes null.
func TestEmptiedIsNull(t *testing.T) {
	conform(t, func(f *fixture) {
		p := payin(1)
		p.SubStatus, p.SettledAmount = "awaiting_payment", 77
		f.save(p)
		_, l := f.open(nightly("a"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			p = verdict(p)
			p.After = reconcile.State{Status: "success"}
			return p
		})
		f.end(l, reconcile.CorrectionApplied)
		equal(f, "nulls", f.count("select count(*) from payins where sub_status is null and settled_amount is null"), 1)
	})
}

func TestHostileText(t *testing.T) {
	conform(t, func(f *fixture) {
		texts := []string{
			"=1+1", strings.Repeat("🙈", 255), `it's "quoted" \ back\\slash {a,b} NULL`, "שלום עולם", ":name ::cast $1 ?",
			"line\nline\ttab", "null", "zero\x00byte", "bad\xff utf", "--;/*",
		}
		for n, text := range texts {
			p := payin(n)
			// HighHelp can send other texts, but PostgreSQL cannot store these texts.
			if utf8.ValidString(text) && !strings.Contains(text, "\x00") {
				p.PaymentID, p.Currency, p.SubStatus = text, text, text
			}
			f.save(p)
		}
		run, l := f.open(nightly("a"))
		wanted := f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			p = verdict(p)
			p.Answer, p.Reason, p.RequestID = texts[p.Seq-1], reconcile.Words(texts[p.Seq-1]), texts[p.Seq-1]
			p.ProviderStatus, p.ProviderSubStatus, p.After.SubStatus = texts[p.Seq-1], texts[p.Seq-1], texts[p.Seq-1]
			return p
		})
		f.end(l, reconcile.CorrectionApplied)
		for i, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			want := wanted[i]
			want.RunID, want.Correction = run.ID, reconcile.CorrectionApplied
			for _, text := range []*string{&want.Answer, &want.RequestID, &want.ProviderStatus, &want.ProviderSubStatus,
				&want.After.SubStatus} {
				*text = strings.ReplaceAll(strings.ToValidUTF8(*text, "\uFFFD"), "\x00", "\uFFFD")
			}
			equal(f, texts[i], one, want)
		}
	})
}

// If a constraint or a trigger rejects one row, the run still corrects the other rows.
func TestRefusedRow(t *testing.T) {
	conform(t, func(f *fixture) {
		refusals := map[string]string{"a trigger": `create trigger no_declines before update on payins
			when new.status = 'decline'
			begin select raise(abort, 'no declines here'); end`}
		clear, message := "drop trigger no_declines", "no declines here"
		if f.postgres() {
			const raise = `create or replace function refuse() returns trigger language plpgsql as
				$$ begin if new.status = 'decline' then raise exception 'no declines here'; end if; return new; end $$;
				`
			clear = "drop trigger if exists no_declines on payins; alter table payins drop constraint if exists no_declines"
			refusals = map[string]string{
				"a constraint": "alter table payins add constraint no_declines check (status <> 'decline')",
				"a trigger": raise + "create trigger no_declines before update on payins for each row execute function " +
					"refuse()",
				"a deferred trigger": raise + "create constraint trigger no_declines after update on payins deferrable " +
					"initially deferred for each row execute function refuse()",
			}
		}
		for what, make := range refusals {
			f.do("delete from payins")
			f.save(payins(6)...)
			f.do(make)
			run, l := f.open(nightly("a"))
			f.judge(l, func(p reconcile.Finding) reconcile.Finding {
				switch p.Seq {
				case 2, 5:
					return declined(p)
				case 4:
					return unchanged(p)
				}
				return verdict(p)
			})
			f.do("update payins set status = 'new' where payment_id = 'payin-0002'")
			f.end(l, reconcile.CorrectionApplied)
			var got []reconcile.Correction
			for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
				got = append(got, one.Correction)
				if says := strings.Contains(one.Reason.String(),
					`words "HighHelp declined this payin."; row.refused `); says != (one.Correction == reconcile.CorrectionRefused) {
					f.Errorf("%s: reason of %s: %s", what, one.Correction, one.Reason)
				}
				if one.Correction == reconcile.CorrectionRefused && what != "a constraint" &&
					!strings.Contains(one.Reason.String(), message) {
					f.Errorf("%s: reason %q", what, one.Reason)
				}
			}
			equal(f, what, got, []reconcile.Correction{"applied", "refused", "superseded", "none", "refused", "applied"})
			equal(f, what, f.count("select count(*) from payins where status = 'success'"), 2)
			equal(f, what, f.count("select count(*) from payins where status = 'pending'"), 3)
			totals, err := f.s.Totals(f.ctx, reconcile.ReportScope{RunID: run.ID})
			f.must(err)
			var refused int64
			for _, total := range totals {
				refused += total.Refused
			}
			equal(f, what, refused, int64(2))
			f.do(clear)
		}
	})
}

// If the merchant's statement writes wrong rows, hhrecon rolls back the statement of each correction.
func TestStatementThatWritesTooMuch(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		write(t, dir, "correct_payins.sql",
			`update payins set status = 'success' where :run_id > 0 and :first <= :last returning payment_id;`)
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.OpenWith(t, url, sql.Options{SQLDir: dir}),
			db: sqltest.DB(t, url)}
		f.save(payins(3)...)
		_, l := f.openUnproved(nightly("a"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			if p.Seq == 2 {
				return unchanged(p)
			}
			return verdict(p)
		})
		run := f.end(l, reconcile.CorrectionApplied)
		equal(f, "rows", f.count("select count(*) from payins where status = 'pending'"), 3)
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			if reason := one.Reason.String(); one.Changes && !strings.Contains(reason, "which is not in the batch") {
				f.Errorf("%s: %s", one.Correction, reason)
			}
		}
		equal(f, "refused", f.count("select count(*) from hhrecon_finding where correction = 'refused'"), 2)
	})
}
