package reports

import (
	"strings"
	"testing"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// TestNoteOf: every reason to hold a run, and to stop it, is said in the report's language, with its figures; other notes stand as they are.
func TestNoteOf(t *testing.T) {
	limits := reconcile.HoldLimits{Count: 5, Share: 0.5, TimesUsual: 3, Sum: 900}
	weight := reconcile.Weight{Open: 200, Harmful: 120, HarmfulSum: 800}
	bySum, often := weight, limits
	bySum.HarmfulSum, often.Share = 1000, 1
	for _, c := range []struct {
		name, note, ru, ky string
	}{
		{
			"sum", limits.Exceeds(bySum, nil),
			"платежи к отклонению, ошибке или спору составляют 1000 минимальных единиц, больше hold_above_sum 900",
			"четке кагыла, катага же талашка чыга турган төлөмдөр 1000 майда бирдик болот, hold_above_sum чегинен (900) көп",
		},
		{
			"share", limits.Exceeds(weight, nil),
			"120 из 200 открытых платежей с ответом были бы отклонены, завершены ошибкой или оспорены: это больше доли 50 %",
			"жообу бар ачык төлөмдөр: 200, алардын ичинен четке кагылмак, ката менен бүтмөк же талашылмак: 120; бул 50 % чегинен көп",
		},
		{
			"usual", often.Exceeds(weight, []float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}),
			"60.0 % открытых платежей с ответом были бы отклонены, завершены ошибкой или оспорены: это больше обычной доли 10.0 %, умноженной на 3",
			"жообу бар ачык төлөмдөрдүн 60.0 % бөлүгү четке кагылмак, ката менен бүтмөк же талашылмак: бул кадимки үлүштөн (10.0 %) 3 эседен да көп",
		},
		{"person", "ask: " + (&reconcile.StopError{By: "Aida"}).Error(), "остановлена: Aida", "токтоткон: Aida"},
		{"signal", "settle: terminated signal received", "остановлена сигналом", "сигнал менен токтотулду"},
		{
			"process", "its process 42 on worker-1 is gone; last sign of life 2026-11-01T02:30:00+06:00",
			"её процесса 42 на worker-1 больше нет; последний признак жизни 2026-11-01T02:30:00+06:00",
			"анын worker-1 машинасындагы 42-процесси жок; акыркы белгиси 2026-11-01T02:30:00+06:00",
		},
		{
			"keys", highhelp.ErrUnauthorized.Error() + `: HTTP 401 "no such key"`,
			`HighHelp не принимает ключи: проверьте ID проекта, ключи и вариант подписи: HTTP 401 "no such key"`,
			`HighHelp ачкычтарды кабыл албайт: долбоор ID'син, ачкычтарды жана кол тамганын түрүн текшериңиз: HTTP 401 "no such key"`,
		},
		{"other", "close run: disk full", "close run: disk full", "close run: disk full"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.note == "" {
				t.Fatal("nothing is held")
			}
			for language, want := range map[string]string{"en": c.note, "ru": c.ru, "ky": c.ky} {
				o := Options{Language: language}
				if got := o.NoteOf(c.note); got != want && (language != "en" || !strings.HasPrefix(got, "stopped by ")) {
					t.Errorf("%s: %q, want %q", language, got, want)
				}
				if got := o.NoteOf(`ask: payin info "A \"1\"": ` + c.note); c.name == "keys" && got != want {
					t.Errorf("%s: %q of a call, want %q", language, got, want)
				}
				if got := o.NoteOf("would be held: " + c.note); language != "en" && !strings.HasSuffix(got, want) {
					t.Errorf("%s: a dry run's %q does not end with %q", language, got, want)
				}
			}
		})
	}
}
