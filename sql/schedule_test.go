package sql_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

func ownerAlive(reconcile.Owner, time.Duration) bool { return false }
func ownerDead(reconcile.Owner, time.Duration) bool  { return true }

func (f *fixture) claim(job string, at time.Time, o reconcile.Owner,
	dead func(reconcile.Owner, time.Duration) bool) bool {
	f.Helper()
	claimed, err := f.s.ClaimOccurrence(f.ctx, job, at, o, dead)
	f.must(err)
	return claimed
}

func TestOccurrenceHasOneOwner(t *testing.T) {
	conform(t, func(f *fixture) {
		a, b := owner("a"), owner("b")
		at := midnight.Add(time.Microsecond)
		equal(f, "first", f.claim("nightly", at, a, ownerAlive), true)
		equal(f, "its own", f.claim("nightly", at, a, ownerAlive), true)
		equal(f, "another's", f.claim("nightly", at, b, ownerAlive), false)
		equal(f, "another job", f.claim("weekly", at, b, ownerAlive), true)
		equal(f, "another time, and another zone's name", []bool{
			f.claim("nightly", at.Add(time.Microsecond), b, ownerAlive),
			f.claim("nightly", at.In(time.FixedZone("KGT", 6*3600)), b, ownerAlive),
		}, []bool{true, false})
		end := func(o reconcile.Owner, state reconcile.OccurrenceState) error {
			return f.s.EndOccurrence(f.ctx, reconcile.Occurrence{Job: "nightly", At: at, Owner: o, State: state,
				Note: string(state)})
		}
		if err := end(b, reconcile.OccurrenceDone); !errors.Is(err, reconcile.ErrRunLost) {
			f.Errorf("ended an occurrence of another process: %v", err)
		}
		equal(f, "taken over", f.claim("nightly", at, b, ownerDead), true)
		if err := end(a, reconcile.OccurrenceDone); !errors.Is(err, reconcile.ErrRunLost) {
			f.Errorf("ended a lost occurrence: %v", err)
		}
		f.must(end(b, reconcile.OccurrenceFailed))
		f.must(end(b, reconcile.OccurrenceFailed)) // as if the first answer was lost
		if err := end(b, reconcile.OccurrenceDone); !errors.Is(err, reconcile.ErrRunLost) {
			f.Errorf("ended twice: %v", err)
		}
		equal(f, "after its end", []bool{f.claim("nightly", at, a, ownerDead), f.claim("nightly", at, b, ownerDead)},
			[]bool{false, false})
		if err := end(b, reconcile.OccurrenceClaimed); err == nil {
			f.Error("ended as claimed")
		}
		equal(f, "row", f.word("select state || ' ' || owner_token || ' ' || note from hhrecon_due where job = 'nightly' "+
			"order by due_at limit 1"), "failed b failed")
	})
}

// If several processes claim or reclaim a scheduled time at the same time, only one of them succeeds.
func TestOccurrenceIsReclaimedOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		const processes, times = 4, 10
		for round, dead := range []func(reconcile.Owner, time.Duration) bool{ownerAlive,
			func(o reconcile.Owner, _ time.Duration) bool { return o.Token[0] == '0' }} {
			var got [times]atomic.Int64
			var all sync.WaitGroup
			for p := range processes {
				s := sqltest.Open(f.T, f.url)
				all.Go(func() {
					for i := range times {
						claimed, err := s.ClaimOccurrence(f.ctx, "nightly", midnight.Add(time.Duration(i)*time.Hour),
							owner(fmt.Sprint(round, p)), dead)
						if err != nil {
							f.Error(err)
						}
						if claimed {
							got[i].Add(1)
						}
					}
				})
			}
			all.Wait()
			for i := range times {
				equal(f, fmt.Sprintf("owners of %d in round %d", i, round), got[i].Load(), int64(1))
			}
		}
		equal(f, "rows", f.count("select count(*) from hhrecon_due where owner_token like '1%'"), times)
	})
}

func TestExpiredOccurrences(t *testing.T) {
	conform(t, func(f *fixture) {
		_, known, err := f.s.LastOccurrence(f.ctx, "nightly")
		f.must(err)
		equal(f, "known", known, false)
		hours := func(n int) time.Time { return midnight.Add(time.Duration(n) * time.Hour) }
		for n := range 3 {
			f.claim("nightly", hours(2-n), owner("a"), ownerAlive)
		}
		f.claim("weekly", hours(0), owner("b"), ownerAlive)
		f.claim("weekly", hours(9), owner("b"), ownerAlive)
		f.must(f.s.EndOccurrence(f.ctx, reconcile.Occurrence{Job: "weekly", At: hours(9), Owner: owner("b"),
			State: reconcile.OccurrenceDone}))
		if f.postgres() {
			f.do("update hhrecon_due set beat_at = beat_at - interval '90 seconds'")
		} else {
			f.do("update hhrecon_due set beat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-90 seconds')")
		}
		f.must(f.s.HeartbeatOccurrences(f.ctx, owner("b")))
		expired := func(_ reconcile.Owner, heartbeatAge time.Duration) bool { return heartbeatAge > time.Minute }
		list := func() string {
			f.Helper()
			occurrences, err := f.s.ExpiredOccurrences(f.ctx, expired)
			f.must(err)
			text := ""
			for _, d := range occurrences {
				text += fmt.Sprintf("%s %d %s %s %d %s, ", d.Job, d.At.Sub(midnight)/time.Hour, d.State, d.Owner.Token, d.Owner.PID,
					d.Owner.Process)
			}
			return text
		}
		equal(f, "expired", list(), "nightly 0 claimed a 42 boot:pid/1, nightly 1 claimed a 42 boot:pid/1, nightly 2 "+
			"claimed a 42 boot:pid/1, ")
		equal(f, "taken over", f.claim("nightly", hours(1), owner("c"), expired), true)
		equal(f, "alive", f.claim("weekly", hours(0), owner("c"), expired), false)
		f.must(f.s.HeartbeatOccurrences(f.ctx, owner("a")))
		equal(f, "after a heartbeat", list(), "")
		last, known, err := f.s.LastOccurrence(f.ctx, "nightly")
		f.must(err)
		equal(f, "last", []any{known, last},
			[]any{true, reconcile.Occurrence{Job: "nightly", At: hours(2), State: reconcile.OccurrenceClaimed,
				Owner: owner("a")}})
	})
}

func TestSkippedOccurrences(t *testing.T) {
	conform(t, func(f *fixture) {
		skip := func(at time.Time, o reconcile.Owner, note string) {
			f.Helper()
			f.must(f.s.EndOccurrence(f.ctx, reconcile.Occurrence{Job: "nightly", At: at, State: reconcile.OccurrenceSkipped,
				Owner: o, Note: note}))
		}
		f.claim("nightly", midnight, owner("a"), ownerAlive)
		skip(midnight, reconcile.Owner{}, "is not theirs")
		skip(midnight, owner("b"), "is not theirs")
		skip(closing, reconcile.Owner{}, "missed")
		skip(closing, reconcile.Owner{}, "missed again")
		equal(f, "skipped", f.claim("nightly", closing, owner("a"), ownerDead), false)
		last, _, err := f.s.LastOccurrence(f.ctx, "nightly")
		f.must(err)
		equal(f, "last", last, reconcile.Occurrence{Job: "nightly", At: closing, State: reconcile.OccurrenceSkipped,
			Note: "missed"})
		equal(f, "claimed", f.count("select count(*) from hhrecon_due where state = 'claimed' and note = ''"), 1)
		skip(midnight, owner("a"), "the owner's own")
		equal(f, "skipped by its owner", f.word("select state || ' ' || note from hhrecon_due order by due_at limit 1"),
			"skipped the owner's own")
	})
}

// If the answer to the commit of a claim or an end was lost, the owner still has the scheduled time.
func TestUnconfirmedClaim(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"BEGIN\x00", "COMMIT\x00"} {
		url := sqltest.PostgresURL(t)
		d := dropAnswer(t, url)
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, d.url), db: sqltest.DB(t, url)}
		d.breaks.Store(at)
		equal(f, "claimed", f.claim("nightly", midnight, owner("a"), ownerAlive), true)
		equal(f, "left of "+at, d.breaks.Load().(string), "")
		d.breaks.Store(at)
		f.must(f.s.EndOccurrence(f.ctx, reconcile.Occurrence{Job: "nightly", At: midnight, Owner: owner("a"),
			State: reconcile.OccurrenceDone}))
		equal(f, "left of "+at, d.breaks.Load().(string), "")
		equal(f, "done", f.word("select state from hhrecon_due"), "done")
	}
}
