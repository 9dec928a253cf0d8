package main

import (
	"strings"
	"testing"

	"hhrecon/sql/sqltest"
)

// TestServeAsRuntimeUser checks that alerts, scheduled jobs and mail need only the rights that the manual grants to the
// runtime user. The scripts and the worker tests also use this user.
func TestServeAsRuntimeUser(t *testing.T) {
	t.Parallel()
	s := newFixture(t, withAlerts, openPayins(3))
	url, db := s.postgres()
	user, _ := sqltest.TwoUsers(t, url)
	s.start(user, "run").wantStatus(exitOK)
	p, address := s.serve(user)
	if code := s.setPayinState("KG-000001", "success", 150000).post(t, address); code != 200 {
		t.Fatalf("got status %d", code)
	}
	waitForCount(t, p, db, 1, `select count(*) from hhrecon_alert where state = 'done'`)
	if log := p.err.String(); strings.Contains(log, "permission denied") || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log is:\n%s", log)
	}
	checked := s.start(user, "check")
	checked.wait()
	if strings.Contains(checked.out.String(), "WARN  rights of the database user") {
		t.Errorf("check prints:\n%s", checked.out.String())
	}
	all := s.start(url, "check")
	all.wait()
	all.wantOutput("WARN  rights of the database user: the user owns hhrecon's tables or is a superuser")
}
