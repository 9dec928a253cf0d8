package mapping

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"hhrecon/sql/db"
)

const (
	bishkek = "Asia/Bishkek"
	hour    = 3600
)

// zone decides the time zone of times that are stored without one.
func (p *proposer) zone(ctx context.Context) error {
	var fields []Field
	for _, r := range []Role{CreatedAt, UpdatedAt, Lifetime} {
		if f := p.m.Fields[r]; f.Column != nil && f.Column.Base == "timestamp" {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	asked, evidence, offset := p.askedZone()
	if p.m.Zone = p.c.Zone; p.m.Zone != "" {
		_, err := p.typeOf(ctx, "now() at time zone "+pq.QuoteLiteral(p.c.Zone))
		if err != nil || math.IsNaN(offsetOf(p.c.Zone)) {
			return db.Errorf("--timezone %s: there is no such time zone; write a name such as Asia/Bishkek", p.c.Zone)
		}
		if evidence != "" && offset != offsetOf(p.c.Zone) {
			return db.Errorf("--timezone %s: %s", p.c.Zone, evidence)
		}
		return nil
	}
	q := Question{Flag: "timezone", Proposal: asked, Evidence: evidence,
		Text: fmt.Sprintf("Which time zone do the times in column %s of %s have?", fields[0].Column.Name, &p.m.Table)}
	q.Certain = asked != ""
	if evidence == "" {
		q.Options = []string{bishkek, "Asia/Tashkent", "Europe/Moscow", "UTC"}
		q.Proposal, q.Certain, q.Evidence = p.guessZone(fields)
	}
	if q.Certain {
		p.m.Zone = q.Proposal
	}
	p.add(q)
	updated := p.m.Fields[UpdatedAt]
	if _, chosen := p.c.Columns[UpdatedAt]; !chosen && q.Certain && slices.Contains(fields, updated) &&
		p.newest(updated)-offsetOf(p.m.Zone) > p.now+300 {
		p.doubt(UpdatedAt, None, fmt.Sprintf("the times in column %s are later than now in the zone %s, and hhrecon needs "+
			"one zone; without this column, %s", updated.Column.Name, p.m.Zone, without[UpdatedAt]))
	}
	return nil
}

// askedZone returns the offset with which created_at and the lifetime give HighHelp's expiration_date for most payins,
// and a common zone with this offset or "". Without evidence, neither is returned.
func (p *proposer) askedZone() (zone, evidence string, offset float64) {
	created := p.m.Fields[CreatedAt]
	if created.Column == nil || created.Column.Base != "timestamp" {
		return "", "", 0
	}
	offsets, total := make(map[float64]int), 0
	for _, a := range p.asked {
		info := a.answer.Info.PaymentInfo
		at, err := strconv.ParseFloat(a.row[source(created)], 64)
		if err != nil || info.Lifetime <= 0 || info.ExpirationDate <= 0 {
			continue
		}
		exact := at + float64(info.Lifetime) - float64(info.ExpirationDate)
		offset := math.Round(exact/(hour/2)) * (hour / 2)
		if total++; math.Abs(exact-offset) > 300 {
			continue
		}
		if offsets[offset]++; evidence == "" || offsets[offset] > 1 {
			evidence = fmt.Sprintf("HighHelp says that payin %s expires at %s UTC, %d seconds after its creation; column "+
				"%s contains %s", a.id,
				clock(float64(info.ExpirationDate)), info.Lifetime, created.Column.Name, clock(at))
		}
	}
	for offset, n := range offsets {
		if n*2 > total {
			zones := []string{"UTC", bishkek, p.s.Timezone, "Europe/Moscow", "Asia/Tashkent", ""}
			at := slices.IndexFunc(zones, func(zone string) bool { return zone == "" || offsetOf(zone) == offset })
			return zones[at], evidence + fmt.Sprintf(", so the offset from UTC is %+g h", offset/hour), offset
		}
	}
	return "", "", 0
}

// clock formats Unix seconds in UTC.
func clock(at float64) string { return time.Unix(int64(at), 0).UTC().Format(time.DateTime) }

// offsetOf returns a zone's present offset from UTC in seconds, or NaN if there is no such zone.
func offsetOf(zone string) float64 {
	l, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return math.NaN()
	}
	_, offset := time.Now().In(l).Zone()
	return float64(offset)
}

var (
	zoneInDefault = regexp.MustCompile(`(?i)at time zone '([^']+)'|timezone\('([^']+)'`)
	nowInDefault  = regexp.MustCompile(`(?i)now\(\)|current_timestamp|localtimestamp|clock_timestamp|'now'`)
)

// guessZone returns the most probable time zone of local times, whether the zone is certain, and the reason. If the
// newest times are later than now in UTC, the zone is not UTC.
func (p *proposer) guessZone(fields []Field) (zone string, certain bool, evidence string) {
	newest := math.Inf(-1)
	if fields[0] != p.m.Fields[Lifetime] {
		newest = p.newest(fields[0])
	}
	ahead := newest - p.now // the zone's offset from UTC is at least this
	session := ""
	for _, f := range fields {
		m := zoneInDefault.FindStringSubmatch(f.Column.Default)
		switch {
		case m != nil:
			zone = strings.Replace(m[1]+m[2], "utc", "UTC", 1)
			evidence = fmt.Sprintf("the default of column %s is %s", f.Column.Name, f.Column.Default)
			return zone, offsetOf(zone) >= ahead-120, evidence
		case nowInDefault.MatchString(f.Column.Default):
			session = p.s.Timezone // clients may have set another zone
		}
	}
	if math.IsInf(ahead, 0) {
		return session, false, "fewer than three rows have times that show the zone"
	}
	evidence = fmt.Sprintf("the newest time is %s, and now it is %s UTC", clock(newest), clock(p.now))
	switch {
	case ahead > 6*hour-300 && ahead <= 6*hour+120: // older times may be of a zone with another offset
		return bishkek, true, evidence
	case ahead > 120 && offsetOf(session) >= ahead-120:
		return session, true, evidence + "; the column's default is the time in the database's zone " + session
	case ahead > 120:
		return "", false, evidence + ", so the zone is not UTC"
	}
	return session, false, evidence
}

// newest returns the third newest time in the sample, because single rows may have a wrong time.
func (p *proposer) newest(f Field) float64 {
	var times []float64
	for _, v := range p.values(f) {
		if at, err := strconv.ParseFloat(v, 64); err == nil && at < p.now+14*hour {
			times = append(times, at)
		}
	}
	if slices.Sort(times); len(times) < 3 {
		return math.Inf(-1)
	}
	return times[len(times)-3]
}
