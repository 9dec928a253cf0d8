package main

import (
	"testing"
	"time"

	"hhrecon/cmd/hhrecon/config"
)

func TestDoneBy(t *testing.T) {
	zone := time.FixedZone("+06", 6*60*60)
	for _, tt := range []struct{ due, clock, want string }{
		{"2026-11-23T20:30:00Z", "06:00", "2026-11-24T06:00:00+06:00"},
		{"2026-11-23T20:30:00Z", "02:30", "2026-11-25T02:30:00+06:00"},
		{"2026-11-23T16:00:00Z", "01:00", "2026-11-24T01:00:00+06:00"},
	} {
		due, err := time.Parse(time.RFC3339, tt.due)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.Deadline(tt.clock, due, zone).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s by %s: %s, want %s", tt.due, tt.clock, got, tt.want)
		}
	}
	if got := config.Deadline("", time.Now(), zone); !got.IsZero() {
		t.Errorf("no done_by is %s", got)
	}
}
