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
	asked, evidence := p.askedZone()
	if p.c.Zone != "" {
		p.m.Zone = p.c.Zone
		if _, err := p.typeOf(ctx, "--timezone "+p.c.Zone, "now() at time zone '"+strings.ReplaceAll(p.c.Zone, "'", "''")+"'"); err != nil {
			return db.Errorf("--timezone %s: PostgreSQL does not know this time zone; write a name such as Asia/Bishkek or UTC", p.c.Zone)
		}
		if asked != "" && offsetOf(asked) != offsetOf(p.c.Zone) {
			return db.Errorf("--timezone %s: %s, which means %s", p.c.Zone, evidence, asked)
		}
		return nil
	}
	q := Question{Text: fmt.Sprintf("Which time zone do the times in column %s of %s have?", fields[0].Column.Name, &p.m.Table),
		Flag: "timezone", Proposal: asked, Certain: asked != "", Evidence: evidence, Options: []string{bishkek, "UTC"}}
	if asked == "" {
		q.Proposal, q.Certain, q.Evidence = p.guessZone(fields)
	}
	if q.Certain {
		p.m.Zone = q.Proposal
	}
	p.add(q)
	return nil
}

// askedZone returns the zone in which created_at and the lifetime give HighHelp's expiration_date, or "".
func (p *proposer) askedZone() (zone, evidence string) {
	created, known := p.m.Fields[CreatedAt]
	if !known || created.Column == nil || created.Column.Base != "timestamp" {
		return "", ""
	}
	offsets := make(map[float64]bool)
	for _, a := range p.asked {
		at, err := strconv.ParseFloat(a.row[source(created)], 64)
		info := a.info()
		if err != nil || info == nil || info.Lifetime <= 0 || info.ExpirationDate <= 0 {
			continue
		}
		offset := at + float64(info.Lifetime) - float64(info.ExpirationDate)
		whole := math.Round(offset/(hour/2)) * (hour / 2)
		if math.Abs(offset-whole) > 300 {
			return "", ""
		}
		offsets[whole] = true
		evidence = fmt.Sprintf("payin %s expires at HighHelp at %s, and its lifetime is %d s", a.id,
			time.Unix(info.ExpirationDate, 0).UTC().Format(time.RFC3339), info.Lifetime)
	}
	for offset := range offsets {
		if len(offsets) == 1 {
			return p.zoneOf(offset), evidence
		}
	}
	return "", ""
}

// zoneOf returns a zone with an offset from UTC in seconds.
func (p *proposer) zoneOf(offset float64) string {
	for _, zone := range []string{"UTC", bishkek, p.s.Timezone, "Europe/Moscow", "Asia/Tashkent"} {
		if zone != "" && offsetOf(zone) == offset {
			return zone
		}
	}
	if offset != math.Trunc(offset/hour)*hour {
		return ""
	}
	return fmt.Sprintf("Etc/GMT%+d", -int(offset/hour)) // POSIX: the sign is inverse
}

// offsetOf returns a zone's present offset from UTC in seconds, or NaN if the zone is not known.
func offsetOf(zone string) float64 {
	l, err := time.LoadLocation(zone)
	if err != nil {
		return math.NaN()
	}
	_, offset := time.Now().In(l).Zone()
	return float64(offset)
}

var (
	zoneInDefault = regexp.MustCompile(`(?i)at time zone '([^']+)'|timezone\('([^']+)'`)
	nowInDefault  = regexp.MustCompile(`(?i)now\(\)|current_timestamp|localtimestamp|clock_timestamp|'now'`)
)

// guessZone returns the most probable zone of local times, whether it is certain, and why. If the newest time is later
// than now in UTC, the zone is not UTC.
func (p *proposer) guessZone(fields []Field) (zone string, certain bool, evidence string) {
	newest, steady := p.newest(fields)
	ahead := newest - p.now // the zone's offset is larger, unless rows have times in the future
	fits := func(zone string) bool { return math.IsInf(ahead, 0) || offsetOf(zone) >= ahead-120 }
	for _, f := range fields {
		if m := zoneInDefault.FindStringSubmatch(f.Column.Default); m != nil {
			zone = m[1] + m[2]
			if strings.EqualFold(zone, "utc") {
				zone = "UTC"
			}
			return zone, fits(zone), "the default of column " + f.Column.Name + " is " + f.Column.Default
		}
	}
	session := ""
	for _, f := range fields {
		if nowInDefault.MatchString(f.Column.Default) && p.s.Timezone != "" {
			session = p.s.Timezone
		}
	}
	if math.IsInf(ahead, 0) {
		return session, false, "the table has no rows with times"
	}
	at := time.Unix(int64(newest), 0).UTC().Format(time.DateTime)
	evidence = fmt.Sprintf("the newest time is %s, and now it is %s in UTC", at, time.Unix(int64(p.now), 0).UTC().Format(time.DateTime))
	switch {
	case ahead > 5*hour+120 && ahead <= 6*hour+120: // Tashkent is 5 hours ahead of UTC
		return bishkek, true, evidence
	case session != "" && ahead > 120 && fits(session):
		return session, true, evidence + "; the column's default is the time in the database's zone " + session
	case ahead > 120:
		return bishkek, false, evidence + "; so it is not UTC"
	case ahead > -hour && steady && (session == "" || session == "UTC" || session == "Etc/UTC"):
		return "UTC", true, evidence + "; new rows come at least every three hours"
	}
	return session, false, evidence
}

// newest returns the third newest time in the sample, because single rows may have a wrong time. It also reports whether
// the sample shows that rows come at least every three hours, day and night.
func (p *proposer) newest(fields []Field) (newest float64, steady bool) {
	var all []float64
	for _, v := range p.values(fields[0]) {
		if at, err := strconv.ParseFloat(v, 64); err == nil && at < p.now+14*hour {
			all = append(all, -at)
		}
	}
	slices.Sort(all)
	if len(all) < 3 || math.IsInf(all[2], 0) {
		return math.Inf(-1), false
	}
	for i := 3; i < len(all) && all[i]-all[i-1] < 3*hour; i++ {
		steady = steady || all[i]-all[2] > 24*hour
	}
	return -all[2], steady
}
