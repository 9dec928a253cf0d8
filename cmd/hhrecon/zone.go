package main

import (
	"os"
	"strings"
	"time"
)

// localZone is the machine's zone under a name that says which one it is: Go calls every one "Local" that TZ does not name.
func localZone() *time.Location {
	if name := time.Local.String(); name != "Local" {
		_, area, found := strings.Cut(name, "/zoneinfo/") // TZ may be the path of a file
		if zone, err := time.LoadLocation(area); found && err == nil {
			return zone
		}
		return time.Local
	}
	if zone := zoneOf("/etc/localtime", time.Now()); zone != nil {
		return zone
	}
	return time.Local
}

// zoneOf reads a zone's file. Its name is that of the file that it is a link to, and where that says nothing, how far the
// zone is from UTC in the year of now; nil where there is no such file.
func zoneOf(file string, now time.Time) *time.Location {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	target, _ := os.Readlink(file)
	_, name, found := strings.Cut(target, "/zoneinfo/")
	if !found {
		name = "UTC"
	}
	zone, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil
	}
	if found {
		return zone
	}
	offsets := offset(now.Year(), time.January, zone)
	if july := offset(now.Year(), time.July, zone); july != offsets {
		offsets += "/" + july
	}
	if zone, err = time.LoadLocationFromTZData("UTC"+offsets, data); err != nil {
		return nil
	}
	return zone
}

func offset(year int, month time.Month, zone *time.Location) string {
	return time.Date(year, month, 1, 0, 0, 0, 0, zone).Format("-07:00")
}
