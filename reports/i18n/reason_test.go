package i18n

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

type noteTest struct {
	name       string
	note       reconcile.Reason
	en, ru, ky string
}

func noteTests() []noteTest {
	limits := reconcile.HoldLimits{Count: 10, Share: 0.5, TimesUsual: 3, Sum: 900}
	many := reconcile.ClassImpact{Added: 120, Count: 120, Sum: 800}
	usual := reconcile.Usual{Counts: []int64{6, 7, 7, 7, 8}, Shares: make([]float64, 5), Days: 2}
	exceeds := func(c reconcile.ClassImpact, u reconcile.Usual) reconcile.Reason {
		return limits.Exceeds(reconcile.Declines, c, 200, u)
	}
	return []noteTest{
		{
			"sum", exceeds(reconcile.ClassImpact{Added: 1, Count: 1, Sum: 1000}, usual),
			"declines: the sum is 1000 minor units, more than hold_above_sum (900)",
			"отклонения: всего 1000 минимальных единиц, больше hold_above_sum 900",
			"четке кагуулар: баары 1000 майда бирдик, hold_above_sum чегинен (900) көп",
		},
		{
			"share", exceeds(many, reconcile.Usual{}),
			"declines: 120 of 200 corrections within 20 hours, more than the share of 50 %; " +
				"if these corrections are right, release them, or set a share for declines in hold_above",
			"отклонения: 120 из 200 исправлений за 20 часов, больше доли 50 %; " +
				"если они верны, разрешите их или задайте share для declines в hold_above",
			"четке кагуулар: 20 сааттагы 200 оңдоодон 120, бул 50 % үлүшүнөн көп; " +
				"туура болсо, аларга уруксат бериңиз же hold_above ичинде declines үчүн share коюңуз",
		},
		{
			"usual", exceeds(many, usual),
			"declines: 120 corrections within 20 hours, more than the limit of 42, which is " +
				"3 times the usual daily number (7), times the days since the last run (2)",
			"отклонения: 120 за 20 часов, больше 42: 3 × обычное за день (7) × дней с прошлой полной сверки (2)",
			"четке кагуулар: 20 саатта 120, бул 42 чегинен көп: " +
				"3 × күнүнө кадимки сан (7) × мурунку толук салыштыруудан бери күн (2)",
		},
		{
			"usual share", limits.Exceeds(reconcile.Declines, reconcile.ClassImpact{Added: 1, Count: 22}, 30, usual),
			"declines: 22 of 30 corrections within 20 hours, more than the share of 50 % " +
				"and more than 1.5 times the usual daily number (7), times the days since the last run (2)",
			"отклонения: 22 из 30 исправлений за 20 часов, больше доли 50 % и больше обычных 7 в день × 1.5 (дней: 2)",
			"четке кагуулар: 20 сааттагы 30 оңдоодон 22, бул 50 % үлүшүнөн жана күнүнө кадимки 7 × 1.5 санынан көп (күн: 2)",
		},
		{"person", reconcile.Because("run.stopped_by", "Aida"), "stopped by Aida", "остановлена: Aida", "токтоткон: Aida"},
		{
			"signal", reconcile.Because("run.stopped_by_signal"),
			"stopped by a signal",
			"остановлена сигналом",
			"сигнал менен токтотулду",
		},
		{
			"process", reconcile.Because("run.owner_gone", "42", "worker-1", "2026-11-01T02:30:00+06:00"),
			"process 42 on worker-1 is no longer running; last heartbeat 2026-11-01T02:30:00+06:00",
			"её процесса 42 на worker-1 больше нет; последний сигнал 2026-11-01T02:30:00+06:00",
			"анын worker-1 машинасындагы 42-процесси жок; акыркы белгиси 2026-11-01T02:30:00+06:00",
		},
		{
			"keys", reconcile.ProblemOf(fmt.Errorf("ask: %w", &highhelp.Error{
				Kind:        highhelp.ErrUnauthorized,
				StatusCode:  401,
				Description: "no such key",
			})),
			`HighHelp refuses the keys: check the project id, the keys and the signature variant; HTTP 401; "no such key"`,
			`HighHelp не принимает ключи: проверьте ID проекта, ключи и вариант подписи; HTTP 401; "no such key"`,
			"HighHelp ачкычтарды кабыл албайт: долбоор ID'син, ачкычтарды жана кол тамганын түрүн текшериңиз; " +
				`HTTP 401; "no such key"`,
		},
		{
			"other", reconcile.Words("close run: disk full"),
			"close run: disk full",
			"close run: disk full",
			"close run: disk full",
		},
	}
}

// TestNotes checks that every reason to hold or to stop a run is rendered with its numbers in each language.
// Other notes must not change.
func TestNotes(t *testing.T) {
	for _, c := range noteTests() {
		t.Run(c.name, func(t *testing.T) {
			for language, want := range map[string]string{"en": c.en, "ru": c.ru, "ky": c.ky} {
				p, err := For(language)
				if err != nil {
					t.Fatal(err)
				}
				if got := p.Clauses(c.note); got != want {
					t.Errorf("%s: %q, want %q", language, got, want)
				}
				if c.name == "keys" || c.name == "share" { // a comma must separate the nested clause from the text
					want = strings.ReplaceAll(want, ";", ",")
				}
				if got := p.Clauses(reconcile.Because("hold.dry_run", c.note)); !strings.HasSuffix(got, want) {
					t.Errorf("%s: the dry run's note %q does not end with %q", language, got, want)
				}
			}
		})
	}
}

// TestSentence checks that a sentence has a capital letter and one full stop, and that line breaks and direction marks
// in untrusted texts are escaped.
func TestSentence(t *testing.T) {
	for _, c := range []struct {
		reason reconcile.Reason
		want   string
	}{
		{reconcile.Reason{}, ""},
		{reconcile.Words("disk full."), "Disk full."},
		{reconcile.Words("a\nb\u202e c\\d \"e\""), `A\nb\u202e c\d "e".`},
		{
			reconcile.Because("payin.unreachable", reconcile.Because("call.unreachable").With(
				reconcile.Because("call.tries", int64(3)),
				reconcile.Because("call.http", int64(503)),
			)),
			"No usable answer from HighHelp: unreachable, 3 tries, HTTP 503.",
		},
		{
			reconcile.Because("payin.confirm_timeout", reconcile.Money{Minor: 1_500_000, Currency: "KGS"}).With(
				reconcile.Because("row.refused", "no such word"),
			),
			"The confirmation of the payment of 15 000.00 KGS timed out; " +
				"the merchant's table refused the correction: no such word.",
		},
		{
			reconcile.Because("payin.overdue", reconcile.Money{Minor: 5, Currency: "???"}, "processing", 50*time.Hour),
			"HighHelp has not closed the payin of 5 minor units (processing), which expired 2 d ago.",
		},
		{reconcile.Because("payin.of_tomorrow", "x", int64(5)), `Payin.of_tomorrow "x" 5.`},
		{reconcile.Because("payin.confirmed"), "Payin.confirmed."},
		{reconcile.Because("words"), "Words."},
	} {
		if got := English().Sentence(c.reason); got != c.want {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want string
	}{
		{700000, 500000, " (+40.0 %)"},
		{300000, 500000, " (-40.0 %)"},
		{999900, 1000000, " (-0.01 %)"},
		{100001, 100000000, " (-99.9 %)"},
		{1_000_001, 1_000_000_000_000, " (-100.0 %)"},
		{1000000, 999500, " (+0.1 %)"},
		{10_000_000_000_000, 9_999_999_999_999, ""},
		{10_000_000_000_000, 1, " (+999999999999900.0 %)"},
		{5, 5, ""},
		{5, 0, ""},
	} {
		if got := (Printer{}).percent(reconcile.Percent{From: c.b, To: c.a}); got != c.want {
			t.Errorf("from %d to %d: %q, want %q", c.b, c.a, got, c.want)
		}
	}
}
