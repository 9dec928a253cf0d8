package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/reconcile"
)

const somProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

// readProject reads settings with one project and some jobs. The given line is added to the project's settings.
func readProject(t *testing.T, line, jobs string) (*Settings, error) {
	t.Helper()
	file := writeFile(t, "schedules.yaml", "projects:\n  - id: "+somProject+"\n    "+line+"\n"+jobs)
	return Read(func(string) string { return "" }, file)
}

// TestAcceptWithin checks that a percentage is parsed exactly, in all its forms.
func TestAcceptWithin(t *testing.T) {
	for value, want := range map[string]reconcile.AcceptWithin{
		"10%": {BasisPoints: 1000}, `"10 %"`: {BasisPoints: 1000}, "10": {BasisPoints: 1000}, "0": {}, "0%": {},
		"2.5%": {BasisPoints: 250}, "0.01%": {BasisPoints: 1}, "1000%": {BasisPoints: 100_000},
		"{percent: 3, sum: 50000}": {BasisPoints: 300, Sum: 50000}, "{percent: 2.5%}": {BasisPoints: 250},
		"{sum: 5}": {BasisPoints: 1000, Sum: 5},
	} {
		s, err := readProject(t, "accept_within: "+value, "")
		if err != nil {
			t.Errorf("%s: %v", value, err)
		} else if got := *s.Projects[0].AcceptWithin; got != want {
			t.Errorf("%s is %+v, want %+v", value, got, want)
		}
	}
	for _, value := range []string{
		"ten", "-1%", "1000.01%", "2.555%", ".5", "1e1", "{percent: x}", "{sum: -1}", "5%%",
		"{percent: 99999999999999999999}",
	} {
		if _, err := readProject(t, "accept_within: "+value, ""); err == nil ||
			!strings.Contains(err.Error(), ":3: accept_within is a percentage") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// TestStatuses checks that a project's open_statuses replace the default. Open statuses that corrections write remain
// open.
func TestStatuses(t *testing.T) {
	s, err := readProject(t, "open_statuses: [CREATED, waiting]\n    success_sub_statuses: [instant]\n"+
		"    final_statuses: {success: [credited], decline: [canceled, expired]}\n"+
		"    status_map: {dispute: question, success: paid}", "")
	if err != nil {
		t.Fatal(err)
	}
	p := s.Projects[0]
	open := []string{"CREATED", "error", "processing", "question", "waiting"}
	if diff := cmp.Diff(open, p.OpenStatuses()); diff != "" {
		t.Errorf("open: %s", diff)
	}
	final := []string{"canceled", "credited", "decline", "expired", "paid", "success"}
	if diff := cmp.Diff(final, p.FinalStatuses()); diff != "" {
		t.Errorf("final: %s", diff)
	}
	if diff := cmp.Diff([]string{"credited", "paid", "success"}, p.SuccessStatuses()); diff != "" {
		t.Errorf("success: %s", diff)
	}
	rules := p.Rules(time.Time{})
	if !slices.Equal(rules.OpenStatuses, []string{"CREATED", "waiting"}) ||
		!slices.Equal(rules.SuccessSubStatuses, []string{"instant"}) {
		t.Errorf("the rules are %+v", rules)
	}
	for line, want := range map[string]string{
		"open_statuses: [success]":                                     `3: open_statuses: "success" is empty or`,
		"open_statuses: ['']":                                          `3: open_statuses: "" is empty or`,
		"open_statuses: [paid]\n    status_map: {success: paid}":       `3: open_statuses: "paid" is empty or`,
		"success_sub_statuses: ['']":                                   `3: success_sub_statuses: omit the empty sub-status`,
		"open_statuses: pending":                                       `3: `,
		"final_statuses: {decline: ['']}":                              `3: final_statuses: "" is empty or`,
		"final_statuses: {decline: [pending]}":                         `3: final_statuses: "pending" is empty or`,
		"final_statuses: {success: [decline]}":                         `3: final_statuses: "decline" is empty or`,
		"final_statuses: {success: [error]}":                           `3: final_statuses: "error" is empty or`,
		"final_statuses: {success: [x], decline: [x]}":                 `3: final_statuses: "x" is empty or`,
		"final_statuses: {success: [q]}\n    status_map: {decline: q}": `3: final_statuses: "q" is empty or`,
		"final_statuses: {decline: [q]}\n    status_map: {dispute: q}": `3: final_statuses: "q" is empty or`,
		"final_statuses: {decline: [q]}\n    open_statuses: [q]":       `3: final_statuses: "q" is empty or`,
		"final_statuses: {error: [x]}":                                 `3: unknown key error`,
	} {
		if _, err := readProject(t, line, ""); err == nil || !strings.Contains(err.Error(), "schedules.yaml:"+want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestProjectIDCase checks that the case of a project ID is ignored.
func TestProjectIDCase(t *testing.T) {
	upper := strings.ToUpper(somProject)
	s, err := readProject(t, "name: Som", fmt.Sprintf("jobs:\n"+
		"  - {name: n, cron: '30 2 * * *', do: reconcile, project: %s}\n"+
		"  - {name: m, cron: '30 2 * * *', do: reconcile}\n", upper))
	if err != nil {
		t.Fatal(err)
	}
	if s.Jobs[0].Project != somProject || s.Jobs[1].Project != "" {
		t.Errorf("the jobs are of %q and %q", s.Jobs[0].Project, s.Jobs[1].Project)
	}
	if p, ok := s.Project(upper); !ok || p.ID != somProject {
		t.Errorf("%q, %t", p.ID, ok)
	}
	_, err = readProject(t, "name: Som\n  - id: "+upper, "")
	if err == nil || !strings.Contains(err.Error(), "is listed twice") {
		t.Errorf("the project twice: %v", err)
	}
}
