package mail

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/mail/mailtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestMessages compares messages with golden files. If HHRECON_KEEP_REPORTS is a folder, it also writes the HTML bodies
// to this folder.
func TestMessages(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(s *fixture)
	}{
		{"complete", func(s *fixture) { s.runAndPublish() }},
		{"partial", partialRun},
		{"held", heldRun},
		{"nothing", func(s *fixture) { s.publish(s.run(), time.Time{}, "cfo@merchant.example") }},
		{"page", func(s *fixture) {
			s.mailer.Options.PageURL = "https://pay.merchant.example"
			heldRun(s)
		}},
		{"large", func(s *fixture) {
			s.mailer.Options.MaxAttachment = 1000
			s.runAndPublish()
		}},
		{"large_page", func(s *fixture) {
			s.mailer.Options.MaxAttachment, s.mailer.Options.PageURL = 1000, "https://pay.merchant.example"
			s.runAndPublish()
		}},
		{"period", func(s *fixture) {
			partialRun(s)
			must(s.T, s.publishPeriod())
		}},
		{"correction", correctedRun},
		{"shadow", func(s *fixture) {
			s.payin("KG-001", 150_000, "success", "", 150_000)
			s.payin("KG-002", 12_000, "decline", "", 12_000)
			run := s.run(func(p *reconcile.Project) { p.Shadow = true })
			s.publish(run, time.Time{}, "cfo@merchant.example")
		}},
		{"hostile", hostileRun},
	} {
		for _, language := range i18n.Languages {
			name := c.name
			if language != "en" {
				name += "_" + language
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSQLiteFixture(t)
				s.language = language
				c.make(s)
				s.deliver()
				all := s.mailServer.Messages()
				if len(all) == 0 {
					t.Fatalf("nothing was sent:\n%s", s.logged)
				}
				o := all[len(all)-1].Read(s)
				keep(t, name+".html", o.HTML)
				golden(t, name+".txt", fmt.Sprintf("Subject: %s\nAttached: %s\n\n%s", o.Subject, o.Name, o.Text))
				checkSameFigures(t, o)
			})
		}
	}
}

func partialRun(s *fixture) {
	s.payin("KG-200", 12_000, "decline", "", 12_000)
	s.payin("KG-201", 12_000, "success", "", 12_000)
	s.answers["KG-201"] = nil
	s.runAndPublish()
}

func heldRun(s *fixture) {
	for n := range 5 {
		s.payin(fmt.Sprintf("KG-%03d", n), 150_000, "decline", "", 150_000)
	}
	run := s.run(func(p *reconcile.Project) { p.Hold.Count = 5 })
	s.publish(run, time.Time{}, "cfo@merchant.example")
}

func correctedRun(s *fixture) {
	s.runAndPublish()
	s.deliver()
	began := s.now
	s.now = s.now.Add(2 * time.Hour)
	s.says("KG-102", 80_000, "success", "", 90_000)
	s.publish(s.run(), began)
}

func hostileRun(s *fixture) {
	s.mailer.Options.Reports.Projects[som] = "Som\r\nBcc: thief@example.com\r\n\r\n<b>widget</b>\u202Etxt.exe"
	s.payin(`<script>alert("1")</script>`, 100_000, "success", "", 200_000)
	s.payin("=HYPERLINK(\"http://evil.example\")\r\nSubject: paid", 100_000, "success", "", 300_000)
	s.payin(strings.Repeat("long", 100), 100_000, "success", "", 400_000)
	s.publish(s.run(), time.Time{}, "cfo@merchant.example")
}

func (s *fixture) publishPeriod() error {
	_, _, err := s.store.PublishReport(s.Context(), reconcile.Publication{
		Scope: reconcile.ReportScope{Window: reconcile.Window{
			From: time.Date(2026, 10, 31, 18, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC),
		}},
		Job: "month-end", Recipients: []reconcile.Recipient{{Address: "cfo@merchant.example", Language: s.language}},
		Now: s.now.Add(time.Minute),
	})
	s.now = s.now.Add(time.Hour)
	return err
}

var tags = regexp.MustCompile(`<[^>]*>|\s+`)

// checkSameFigures checks that both bodies contain the same figures, and that the HTML body loads nothing from other
// servers.
func checkSameFigures(t *testing.T, o mailtest.Parsed) {
	t.Helper()
	html := tags.ReplaceAllString(o.HTML, "")
	for _, figure := range regexp.MustCompile(`[+-]?\d[\d ]*\.\d\d`).FindAllString(o.Text, -1) {
		if !strings.Contains(html, strings.ReplaceAll(figure, " ", "")) &&
			!strings.Contains(html, strings.ReplaceAll(figure, "+", "&#43;")) &&
			!strings.Contains(html, strings.ReplaceAll(strings.ReplaceAll(figure, " ", ""), "+", "&#43;")) {
			t.Errorf("the HTML does not contain %q of the plain text", figure)
		}
	}
	for _, moment := range regexp.MustCompile(`[^.\d]{8}(?:\d{4}-\d\d-\d\d \d\d:\d\d|[\d.]+ %)`).FindAllString(o.HTML,
		-1) {
		if !strings.HasPrefix(moment, `nowrap">`) {
			t.Errorf("%q may be broken across lines", moment)
		}
	}
	if strings.Contains(o.Subject+o.Text+o.HTML, "%!") {
		t.Errorf("a text has other arguments than its format:\n%s", o.Text)
	}
	for _, remote := range []string{"<img", "<link", "<script", "url(", "@import", "<iframe", "<form"} {
		if strings.Contains(strings.ToLower(o.HTML), remote) {
			t.Errorf("the HTML contains %s", remote)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func keep(t *testing.T, name, text string) {
	t.Helper()
	if dir := os.Getenv("HHRECON_KEEP_REPORTS"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
}

// TestHostile checks that text from the merchant or from HighHelp cannot add a header, a recipient or markup.
func TestHostile(t *testing.T) {
	s := newSQLiteFixture(t)
	hostileRun(s)
	s.deliver()
	all := s.mailServer.Messages()
	if len(all) != 1 || all[0].To != "cfo@merchant.example" || all[0].From != "hhrecon@merchant.example" {
		t.Fatalf("%+v", all)
	}
	o := all[0].Read(s)
	if o.Header.Get("Bcc") != "" || len(o.Header["Subject"]) != 1 || strings.ContainsAny(o.Subject, "\r\n\u202E") {
		t.Errorf("%v", o.Header)
	}
	for _, markup := range []string{"<script", "<b>widget"} {
		if strings.Contains(o.HTML, markup) {
			t.Errorf("the HTML contains %s", markup)
		}
	}
	if !strings.Contains(o.HTML, "&lt;script&gt;") || strings.Contains(o.Text, "\u202E") ||
		strings.Contains(o.Text, "\nSubject: paid") {
		t.Errorf("%s\n%s", o.HTML, o.Text)
	}
}

// TestHeaders checks the headers of a report and of its corrected version.
func TestHeaders(t *testing.T) {
	s := newSQLiteFixture(t)
	correctedRun(s)
	s.deliver()
	all := s.mailServer.Messages()
	if len(all) != 2 {
		t.Fatalf("%d messages", len(all))
	}
	first, second := all[0].Read(s), all[1].Read(s)
	for name, want := range map[string]string{
		"From": `"hhrecon" <hhrecon@merchant.example>`, "To": "<cfo@merchant.example>", "Auto-Submitted": "auto-generated",
		"Date": "Sun, 22 Nov 2026 20:30:00 +0000", "In-Reply-To": "",
	} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	id := first.Header.Get("Message-Id")
	if id == "" || second.Header.Get("In-Reply-To") != id || second.Header.Get("Message-Id") == id {
		t.Errorf("the headers of the correction are %v; want a reply to %s", second.Header, id)
	}
}

// TestSecondRun checks that a run without changes sends no corrected report, and that a run with changes
// sends only the differences.
func TestSecondRun(t *testing.T) {
	onBoth(t, func(s *fixture) {
		s.runAndPublish()
		s.deliver()
		began := s.now
		s.now = s.now.Add(time.Hour)
		s.publish(s.run(), began, "cfo@merchant.example")
		if s.deliver(); len(s.mailServer.Messages()) != 1 {
			s.Fatalf("%d messages", len(s.mailServer.Messages()))
		}
		s.says("KG-102", 80_000, "success", "", 90_000)
		report := s.publish(s.run(), began, "CFO@merchant.example")
		if s.deliver(); len(s.mailServer.Messages()) != 2 {
			s.Fatalf("%d messages", len(s.mailServer.Messages()))
		}
		o := s.mailServer.Messages()[1].Read(s)
		want := "Correction 1 to Som widget, nightly run of 2026-11-23: 1 payin differs from the earlier report"
		if o.Subject != want {
			s.Errorf("%s, want %s", o.Subject, want)
		}
		s.checkTotals(o, report.Scope)
	})
}

// TestAttachment checks that the attached workbook can be opened and has the totals of the database.
func TestAttachment(t *testing.T) {
	onBoth(t, func(s *fixture) {
		report := s.runAndPublish()
		s.deliver()
		s.checkTotals(s.mailServer.Messages()[0].Read(s), report.Scope)
	})
}

// checkTotals compares the attached workbook with the totals of the database.
func (s *fixture) checkTotals(o mailtest.Parsed, scope reconcile.ReportScope) {
	s.Helper()
	totals, err := s.store.Totals(s.Context(), scope)
	must(s.T, err)
	want := make(map[string]string)
	for _, total := range totals {
		want[string(total.Outcome)] = fmt.Sprint(total.Count, " ", reconcile.FormatSum(total.Amount, total.Currency))
	}
	f, err := excelize.OpenReader(bytes.NewReader(o.Attachment))
	must(s.T, err)
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows("Summary")
	must(s.T, err)
	got := make(map[string]string)
	for i, row := range rows {
		if len(row) > 1 && row[0] == "Outcome" && row[1] == "Currency" {
			for _, line := range rows[i+1:] {
				if len(line) < 4 || line[0] == "all" {
					break
				}
				got[line[0]] = line[2] + " " + strings.ReplaceAll(line[3], ",", " ")
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		s.Errorf("the attached workbook's totals (-database +workbook):\n%s", diff)
	}
}

// TestSheetNames checks that a message uses the sheet names of its workbook in all languages.
func TestSheetNames(t *testing.T) {
	for _, language := range i18n.Languages {
		s := newSQLiteFixture(t)
		run := s.runAndPublish().Scope.RunID
		_, err := s.store.Resend(t.Context(), run,
			[]reconcile.Recipient{{Address: "other@merchant.example", Language: language}}, "Aida", s.now)
		must(t, err)
		s.deliver()
		all := s.mailServer.Messages()
		o := all[len(all)-1].Read(t)
		f, err := excelize.OpenReader(bytes.NewReader(o.Attachment))
		must(t, err)
		names := regexp.MustCompile(`[“«]([^”»]+)[”»]`).FindAllStringSubmatch(strings.ReplaceAll(o.Text, "\n", " "), -1)
		if len(names) == 0 || len(all) != 2 {
			t.Errorf("%s: the message names no sheet, or there are %d messages:\n%s", language, len(all), o.Text)
		}
		for _, name := range names {
			if !slices.Contains(f.GetSheetList(), strings.Join(strings.Fields(name[1]), " ")) {
				t.Errorf("%s: there is no sheet %q: %q", language, name[1], f.GetSheetList())
			}
		}
		must(t, f.Close())
	}
}

// TestUntied checks that a workbook with wrong totals is not sent and does not delay other reports.
func TestUntied(t *testing.T) {
	onBoth(t, func(s *fixture) {
		bad := s.runAndPublish()
		s.now = s.now.Add(24 * time.Hour)
		good := s.publish(s.run(), time.Time{}, "cfo@merchant.example")
		s.mailer.Archive = incompleteArchive{s.store, bad.Scope.RunID}
		s.deliver()
		all := s.mailServer.Messages()
		if len(all) != 1 || !strings.Contains(all[0].Read(s).Text, fmt.Sprintf("Run              %d", good.Scope.RunID)) {
			s.Fatalf("%d messages", len(all))
		}
		waiting, err := s.store.Deliveries(s.Context(), reconcile.DeliveryFilter{State: reconcile.DeliveryWaiting})
		must(s.T, err)
		if len(waiting) != 1 || !strings.Contains(waiting[0].Note, "do not agree") || !s.loggedError("do not agree") {
			s.Errorf("%+v\n%s", waiting, s.logged)
		}
	})
}

// incompleteArchive is an archive that omits a finding of one run.
type incompleteArchive struct {
	reconcile.Archive
	run int64
}

func (f incompleteArchive) Findings(ctx context.Context, scope reconcile.ReportScope) iter.Seq2[reconcile.Finding,
	error] {
	return func(yield func(reconcile.Finding, error) bool) {
		for finding, err := range f.Archive.Findings(ctx, scope) {
			if scope.RunID == f.run && finding.Seq == 3 {
				continue
			}
			if !yield(finding, err) {
				return
			}
		}
	}
}

// TestPause checks that the delay between attempts doubles up to an hour, with jitter.
func TestPause(t *testing.T) {
	for tries, want := range map[int]time.Duration{0: time.Minute, 1: time.Minute, 2: 2 * time.Minute, 6: 32 * time.Minute,
		7: time.Hour, 8: time.Hour, 1000: time.Hour} {
		for range 100 {
			if got := pause(tries); got < want*4/5 || got > want*6/5 {
				t.Errorf("after %d attempts %s, want about %s", tries, got, want)
			}
		}
	}
}
