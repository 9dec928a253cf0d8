package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/reconcile"
)

const jobsText = `
timezone: Asia/Bishkek
mail: {max_attachment: 10MB}
projects:
  - id: 57aff4db-b45d-42bf-bc5f-b7a499a01782
  - id: 11111111-2222-3333-4444-555555555555
jobs:
  - {name: nightly, cron: "30 2 * * *", do: reconcile,
     email: [a@merchant.example, {address: b@merchant.example, language: ru}]}
  - {name: of one, cron: "0 5 * * *", do: reconcile, project: 11111111-2222-3333-4444-555555555555,
     email: [A@merchant.example, c@merchant.example]}
  - {name: monthly, cron: "0 7 1 * *", do: report, period: last-month, email: [cfo@merchant.example]}
  - {name: weekly, cron: "0 7 * * 1", do: report, period: last-week, email: [a@merchant.example]}
`

// TestRecipients checks the recipients of reports. A run's report goes once to each recipient of the reconcile jobs of
// its project. A period's report goes to the recipients of the job for this period, or of all report jobs.
func TestRecipients(t *testing.T) {
	s, err := Read(func(string) string { return "" }, writeFile(t, "schedules.yaml", jobsText))
	must(t, err)
	if s.MaxAttachment != 10_000_000 {
		t.Errorf("max_attachment %d", s.MaxAttachment)
	}
	first, second := s.Projects[0].ID, s.Projects[1].ID
	ofAll := []reconcile.Recipient{{Address: "a@merchant.example"}, {Address: "b@merchant.example", Language: "ru"}}
	if diff := cmp.Diff(ofAll, s.Recipients("reconcile", first)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(append(ofAll, reconcile.Recipient{Address: "c@merchant.example"}),
		s.Recipients("reconcile", second)); diff != "" {
		t.Error(diff)
	}
	named, err := s.NamedRecipients("--to", []string{"B@merchant.example", "b@merchant.example"})
	if diff := cmp.Diff([]reconcile.Recipient{{Address: "B@merchant.example", Language: "ru"}}, named); diff != "" ||
		err != nil {
		t.Error(diff, err)
	}
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, s.Zone) }
	for _, c := range []struct {
		from, to time.Time
		project  string
		job      string
		count    int
	}{
		{day(10, 1), day(11, 1), "", "monthly", 1},
		{day(11, 16), day(11, 23), "", "weekly", 1},
		{day(11, 17), day(11, 24), "", ByHand, 2},
		{day(10, 1), day(11, 1), first, ByHand, 2},
	} {
		job, recipients := s.ReportJob(reconcile.ReportScope{ProjectID: c.project,
			Window: reconcile.Window{From: c.from, To: c.to}})
		if job != c.job || len(recipients) != c.count {
			t.Errorf("%s to %s of %q: %q, %v", c.from, c.to, c.project, job, recipients)
		}
	}
}
