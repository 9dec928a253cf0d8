package reconcile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// counts has the number of corrections of each class, in the order of Classes, and the total number.
type counts struct {
	class [len(Classes)]int64
	all   int64
}

func (c *counts) add(o counts) {
	for i := range c.class {
		c.class[i] += o.class[i]
	}
	c.all += o.all
}

// merchant is a project in simulated time. The project only counts payins, and corrects each payin at most once.
type merchant struct {
	name    string
	perDay  float64
	alerts  bool // 97 % of the payins are settled during the day because of alerts
	handler bool // the merchant's own code settles payins, and hhrecon corrects the rest
	random  *rand.Rand

	written []struct { // number of written corrections, by hour
		hour int
		counts
	}
	dates   []simDate
	left    counts // corrections that were not written on earlier days because the nightly run failed
	holding [len(Classes)]bool
	began   int // number of holds
}

// simDate is a date in the simulated history.
type simDate struct {
	day    int
	closed bool // a run over all open payins was closed that day and was not FAILED
	counts
	shares [len(Classes)]float64
}

// some returns a random whole number with the given mean.
func (m *merchant) some(mean float64) int64 {
	if mean > 50 {
		return max(0, int64(math.Round(mean+math.Sqrt(mean)*m.random.NormFloat64())))
	}
	n, p := int64(0), m.random.Float64()
	for limit := math.Exp(-mean); p > limit; n++ {
		p *= m.random.Float64()
	}
	return n
}

// ordinary returns random corrections for a part of an ordinary day: 40 % success, 55 % no_payment, 3 % declines, 2 %
// other disputes, and some late credits and successes with a different amount.
func (m *merchant) ordinary(payins, late float64) counts {
	c := counts{class: [4]int64{m.some(.03 * payins), m.some(.004 * payins), m.some(late * payins), m.some(.02 * payins)}}
	c.all = m.some(.95*payins) + c.class[0] + c.class[2] + c.class[3]
	return c
}

// usual returns the history of the dates before a day.
func (m *merchant) usual(day int) (usual ProjectUsual) {
	for i := len(m.dates) - 1; i >= 0; i-- {
		d := &m.dates[i]
		if d.day >= day || !d.closed || len(usual[0].Counts) == UsualDates {
			continue
		}
		for c := range usual {
			usual[c].Counts, usual[c].Shares = append(usual[c].Counts, d.class[c]), append(usual[c].Shares, d.shares[c])
			if usual[c].Days == 0 {
				usual[c].Days = int64(day - d.day)
			}
		}
	}
	return usual
}

// run simulates a run at an hour of a day. run writes the classes that are not held, and
// returns the written corrections.
func (m *merchant) run(day, hour int, added counts, whole bool) (written counts) {
	recent := added
	for _, w := range m.written {
		if day*24+hour-w.hour < int(RecentHours.Hours()) {
			recent.add(w.counts)
		}
	}
	w := ImpactSummary{Corrected: recent.all}
	for i := range Classes {
		w.Classes[i] = ClassImpact{Added: added.class[i], Count: recent.class[i]}
		if m.holding[i] {
			w.Classes[i].Hold = 1
		}
	}
	p := DefaultProject(testProject)
	p.hold(&Run{ID: 7}, &w, m.usual(day))
	written = added
	date := &m.dates[len(m.dates)-1]
	for i := range Classes {
		if w.Classes[i].Hold == 7 {
			m.began, m.holding[i] = m.began+1, true
		}
		if w.Classes[i].Hold != 0 {
			written.class[i], written.all = 0, written.all-added.class[i]
		}
		if whole {
			date.closed = true
			date.shares[i] = float64(recent.class[i]) / math.Max(1, float64(recent.all))
		}
	}
	date.add(added) // a person releases corrections that were held without a reason
	m.written = append(m.written, struct {
		hour int
		counts
	}{day*24 + hour, written})
	if len(m.written) > 100 {
		m.written = m.written[50:]
	}
	return written
}

// day simulates a day with its alerts and a nightly run at 02:00 for the previous day. day returns the written
// corrections that belong to the disaster.
func (m *merchant) day(day int, disaster func(counts, float64) counts) (night, byAlerts counts) {
	m.dates = append(m.dates, simDate{day: day})
	payins := m.perDay * math.Exp(.1*m.random.NormFloat64())
	if weekday := day % 7; weekday >= 5 {
		payins *= 1.3
	}
	late := .008
	if m.random.IntN(6) == 0 {
		late *= 2.3
	}
	if disaster == nil {
		disaster = func(c counts, _ float64) counts { return c }
	}
	byNight := payins
	if m.alerts && day%20 != 13 { // on this day no alerts arrive
		byNight = .03 * payins
	}
	if m.handler {
		byNight = .03 * payins
	}
	added := disaster(m.ordinary(byNight, late*payins/byNight/10), byNight)
	if !m.alerts {
		added = disaster(m.ordinary(byNight, late*payins/byNight), byNight)
	}
	added.add(m.left)
	m.left = added
	if day%25 != 17 { // on this night HighHelp is down
		night, m.left = m.run(day, 2, added, true), counts{}
	}
	m.holding = [len(Classes)]bool{} // at 09:00 a person releases the held corrections
	if m.alerts && day%20 != 13 {
		for hour := 9; hour < 25; hour++ {
			for range 4 {
				part := .97 * payins / 64
				byAlerts.add(m.run(day, hour, disaster(m.ordinary(part, late), part), false))
			}
		}
	}
	return night, byAlerts
}

func merchants(seed uint64) (all []*merchant) {
	for _, perDay := range []float64{20, 300, 6000, 100_000} {
		for _, kind := range []string{"nights", "alerts", "own handler"} {
			all = append(all, &merchant{
				name: fmt.Sprintf("%.0f a day, %s", perDay,
					kind), perDay: perDay, alerts: kind == "alerts", handler: kind == "own handler",
				random: rand.New(rand.NewPCG(seed, uint64(perDay))),
			})
		}
	}
	return all
}

// TestSteadyDaysAreNotHeld simulates 60 days of each merchant without a disaster. The days include weekends, bursts, a
// night without HighHelp and days without alerts.
func TestSteadyDaysAreNotHeld(t *testing.T) {
	all, days := 0, 0
	for seed := range uint64(5) {
		for _, m := range merchants(seed) {
			for day := range 60 {
				m.day(day, nil)
			}
			all, days = all+m.began, days+60
			if m.began > 4 {
				t.Errorf("%s: held %d times in 60 days", m.name, m.began)
			}
		}
	}
	t.Logf("%d holds in %d days: %.1f %%", all, days, 100*float64(all)/float64(days))
	if all*100 > 3*days {
		t.Errorf("%d holds in %d days", all, days)
	}
}

// TestDisastersAreHeld checks that a run over all open payins holds the corrections of a disaster before it writes any
// of these corrections. Alert runs may write some of the corrections. The limits allow at most max(20, 4 × the usual
// day) or 1.5 × the largest day. A smaller disaster need not be held.
func TestDisastersAreHeld(t *testing.T) {
	for _, d := range []struct {
		name  string
		class int
		share float64 // share of all payins
		day   int
	}{
		{"all decline", 0, 1, 45},
		{"all of a day's leftovers decline", 0, 1, 45},
		{"a fifth is declined", 0, .2, 31},
		{"sums in other units", 1, .4, 45},
		{"success for old disputes", 2, .6, 45},
		{"a tenth is declined through alerts", 0, .1, 45},
		{"another project's answers", 3, .4, 45},
		{"all into dispute", 3, .95, 45},
	} {
		required := 0
		for _, m := range merchants(9) {
			for day := range d.day {
				m.day(day, nil)
			}
			m.began = 0
			history := m.usual(d.day)[d.class].Counts
			usual, largest := median(history), float64(slices.Max(history))
			if d.name == "all of a day's leftovers decline" && m.alerts {
				m.alerts, m.handler = false, true
			}
			night, byAlerts := m.day(d.day, func(c counts, payins float64) counts {
				more := m.some(d.share*payins) - c.class[d.class]
				c.add(counts{all: max(0, more)})
				c.class[d.class] += max(0, more)
				return c
			})
			came := m.dates[len(m.dates)-1].class[d.class]
			most := max(20, 3*usual, 1.5*largest)
			if .96*float64(came) > most { // the nightly run is more than 20 hours before the last alerts
				required++
				if m.began == 0 {
					t.Errorf("%s, %s: %d of a usual %.0f are not held", d.name, m.name, came, usual)
				}
			}
			if !m.alerts && m.began > 0 && night.class[d.class] > 0 && float64(came) > most {
				t.Errorf("%s, %s: %d were written by a run that held", d.name, m.name, night.class[d.class])
			}
			if got := float64(byAlerts.class[d.class]); got > max(20, 4*usual, 1.5*largest) {
				t.Errorf("%s, %s: %.0f of a usual %.0f were written", d.name, m.name, got, usual)
			}
		}
		t.Logf("%s: %d of 12 merchants get so many that they must be held", d.name, required)
		if required == 0 {
			t.Errorf("%s: the test asks for nothing", d.name)
		}
	}
}
