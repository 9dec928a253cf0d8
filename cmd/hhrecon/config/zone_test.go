package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestZoneOf checks the name of a zone. The name is the name of the zone's file if /etc/localtime is a link, and the
// offset from UTC if /etc/localtime is a copy.
func TestZoneOf(t *testing.T) {
	now := time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ area, copied, hour string }{
		{"Asia/Bishkek", "UTC+06:00", "18"},
		{"Europe/Berlin", "UTC+01:00/+02:00", "13"},
		{"Etc/UTC", "UTC+00:00", "12"},
	} {
		dir := t.TempDir()
		data, err := os.ReadFile(filepath.Join("/usr/share/zoneinfo", c.area))
		if err != nil {
			t.Skip("this machine has no zone files:", err)
		}
		original := filepath.Join(dir, "zoneinfo", c.area)
		if err := os.MkdirAll(filepath.Dir(original), 0o750); err != nil {
			t.Fatal(err)
		}
		link, copied := filepath.Join(dir, "localtime"), writeFile(t, "localtime", string(data))
		if err := os.WriteFile(original, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(original, link); err != nil {
			t.Fatal(err)
		}
		for file, want := range map[string]string{link: c.area, copied: c.copied} {
			zone := zoneOf(file, now)
			if zone == nil || zone.String() != want || now.In(zone).Format("15") != c.hour {
				t.Errorf("%s: %v, want %s, at %s o'clock", c.area, zone, want, c.hour)
			}
		}
	}
	if zone := zoneOf(filepath.Join(t.TempDir(), "localtime"), now); zone != nil {
		t.Errorf("%v without a file", zone)
	}
	if zone := zoneOf(writeFile(t, "localtime", "no zone"), now); zone != nil {
		t.Errorf("%v from a file that is not a zone", zone)
	}
	if name := localZone().String(); name == "Local" {
		t.Error("the machine's zone has no name")
	}
}
