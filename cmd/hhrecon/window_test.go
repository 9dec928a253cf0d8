package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp/sandbox"
)

// TestWindow reconciles single days in Europe/Berlin, with payins at the start and end of each day. --from is
// inclusive, and --to is exclusive. A day of 23 or 25 hours must contain exactly its own payins.
func TestWindow(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	const day = "2006-01-02"
	for name, test := range map[string]struct {
		from, to string
		hours    float64
		inside   []string // creation times in UTC
		outside  []string
	}{
		"an ordinary day": {
			from: "2026-11-10", to: "2026-11-11", hours: 24,
			inside:  []string{"2026-11-09T23:00:00Z", "2026-11-10T22:59:59.999999Z"},
			outside: []string{"2026-11-09T22:59:59.999999Z", "2026-11-10T23:00:00Z"},
		},
		"the day of 23 hours": {
			from: "2026-03-29", to: "2026-03-30", hours: 23,
			// On this day the time after 01:59:59.999999 is 03:00.
			inside: []string{"2026-03-28T23:00:00Z", "2026-03-29T00:59:59.999999Z", "2026-03-29T01:00:00Z",
				"2026-03-29T21:59:59.999999Z"},
			outside: []string{"2026-03-28T22:59:59.999999Z", "2026-03-29T22:00:00Z", "2026-03-29T22:30:00Z"},
		},
		"the day after it": {
			from: "2026-03-30", to: "2026-03-31", hours: 24,
			inside:  []string{"2026-03-29T22:00:00Z", "2026-03-30T21:59:59.999999Z"},
			outside: []string{"2026-03-29T21:59:59.999999Z", "2026-03-30T22:00:00Z"},
		},
		"the day of 25 hours": {
			from: "2026-10-25", to: "2026-10-26", hours: 25,
			// 02:30 occurs twice.
			inside: []string{"2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
				"2026-10-25T22:59:59.999999Z"},
			outside: []string{"2026-10-24T21:59:59.999999Z", "2026-10-25T23:00:00Z"},
		},
		"the day before it": {
			from: "2026-10-24", to: "2026-10-25", hours: 24,
			inside:  []string{"2026-10-23T22:00:00Z", "2026-10-24T21:59:59.999999Z"},
			outside: []string{"2026-10-23T21:59:59.999999Z", "2026-10-24T22:00:00Z"},
		},
		"an hour that comes twice, once": {
			from: "2026-10-25T02:00:00+01:00", to: "2026-10-25T03:00:00+01:00", hours: 1,
			inside:  []string{"2026-10-25T01:00:00Z", "2026-10-25T01:59:59.999999Z"},
			outside: []string{"2026-10-25T00:30:00Z", "2026-10-25T00:59:59.999999Z", "2026-10-25T02:00:00Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, inside := payinsAt(t, berlin, test.inside)
			_, outside := payinsAt(t, berlin, test.outside)
			s := newFixture(t, longTimeouts, append(inside, outside...))
			s.zone("Europe/Berlin")
			url, db := s.postgres()
			r := s.start(url, "run", "--json", "--from", test.from, "--to", test.to).wantStatus(exitOK).results()[0]
			if hours := r.To.Sub(r.From).Hours(); hours != test.hours {
				t.Errorf("the window from %s to %s has %g hours, want %g", r.From, r.To, hours, test.hours)
			}
			if len(test.from) == len(day) && (r.From.In(berlin).Format(day) != test.from || r.From.In(berlin).Hour() != 0) {
				t.Errorf("the window begins %s", r.From.In(berlin))
			}
			var got []string
			must(t, db.Select(&got, `select payment_id from hhrecon_finding order by created_at`))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("wrong payins in the window (-want +got):\n%s", diff)
			}
			if n := queryCount(t, db, `select count(*) from payins where status = 'success'`); n != int64(len(want)) {
				t.Errorf("%d rows were corrected", n)
			}
		})
	}
}

// payinsAt returns a paid payin for each time. The ID of a payin is its time in the given zone.
func payinsAt(t *testing.T, zone *time.Location, times []string) (ids []string, samples []sandbox.Sample) {
	t.Helper()
	for _, text := range times {
		at, err := time.Parse(time.RFC3339Nano, text)
		must(t, err)
		id := at.In(zone).Format("2006-01-02T15:04:05.999999Z07:00")
		ids = append(ids, id)
		samples = append(samples, sandbox.Sample{
			Merchant: sandbox.MerchantRow{ProjectID: demoProject, PaymentID: id, Amount: 100, Currency: "EUR",
				Status: "pending", CreatedAt: at, UpdatedAt: at},
			Gateway: &sandbox.Payin{ProjectID: demoProject, PaymentID: id, Amount: 100, Currency: "EUR", Status: "success",
				CreatedAt: at},
		})
	}
	return ids, samples
}
