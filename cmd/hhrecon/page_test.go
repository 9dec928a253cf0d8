package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/cmd/hhrecon/service"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/reports/web"
	"hhrecon/sql/sqltest"
)

// TestLaunch starts runs as the page does. The page starts runs in the background with the user's name. Each project
// has at most one run at a time.
func TestLaunch(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now())))
	address := sqltest.SQLiteURL(t)
	s.load(address)
	settings := map[string]string{"HHRECON_DATABASE_URL": address, "HHRECON_API_URL": s.url,
		"HHRECON_REPORT_DIR": t.TempDir()}
	var log output
	a := newApp(func(name string) string { return settings[name] }, &log, &log, filepath.Join(s.dir, "schedules.yaml"),
		"info")
	read, err := a.ReadSettings()
	must(t, err)
	store := sqltest.Open(t, address)
	v := service.New(a.runContext(read, store))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- v.Tasks.Run(ctx) }()

	for fault, r := range map[string]web.RunRequest{
		`from: "soon" is not a time`: {ProjectID: demoProject, From: "soon"},
		"the window is empty":        {ProjectID: demoProject, From: "2026-11-02", To: "2026-11-01"},
		`there is no project "none`:  {ProjectID: "none"},
	} {
		if _, err := v.Launch(ctx, r); err == nil || !strings.Contains(err.Error(), fault) ||
			strings.Contains(err.Error(), "--") {
			t.Errorf("%+v: %v", r, err)
		}
	}

	lift := s.blockAnswers()
	request := web.RunRequest{ProjectID: demoProject, By: "Aida"}
	id, err := v.Launch(ctx, request)
	must(t, err)
	var busy *reconcile.HeldError
	if _, err := v.Launch(ctx, request); !errors.As(err, &busy) || busy.Run.ID != id {
		t.Errorf("a second run of the project: %v", err)
	}
	run, err := store.Run(ctx, id)
	must(t, err)
	if run.Origin != (reconcile.Origin{Trigger: reconcile.TriggerPage, By: "Aida"}) || !run.Whole ||
		run.State != reconcile.Running {
		t.Errorf("the run is %+v", run)
	}
	stop() // the service interrupts the run and waits until the run ends
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	lift()
	run, err = store.Run(t.Context(), id)
	must(t, err)
	if run.State != reconcile.Interrupted {
		t.Errorf("the run is %s after the service has stopped\n%s", run.State, log.String())
	}
}

// TestDemoServes checks that the demo serves the page until it is stopped, and prints a user who can sign in. Page and
// workbook have the version that `hhrecon version` prints.
func TestDemoServes(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	s := &fixture{t: t, dir: t.TempDir()}
	p := s.start("", "demo", "--payins", "120", "--dir", "out", "--serve")
	const says, with = "hhrecon serves at ", "sign in as demo with the password "
	if !p.waitFor(func() bool {
		_, after, _ := strings.Cut(p.out.String(), says)
		return strings.HasSuffix(after,
			"\n")
	}) {
		t.Fatalf("the demo ended:\n%s%s", p.out.String(), p.err.String())
	}
	_, after, _ := strings.Cut(p.out.String(), says)
	address := strings.TrimSpace(after)
	_, after, _ = strings.Cut(p.out.String(), with)
	password, _, _ := strings.Cut(after, ";")
	jar, err := cookiejar.New(nil)
	must(t, err)
	client := &http.Client{Jar: jar, Timeout: waitLimit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(address+"/signin", url.Values{"name": {"demo"}, "password": {password}})
	must(t, err)
	must(t, response.Body.Close())
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/" {
		t.Errorf("signing in: status %d, redirect to %q", response.StatusCode, response.Header.Get("Location"))
	}
	response, err = client.Get(address + "/")
	must(t, err)
	page, err := io.ReadAll(response.Body)
	must(t, errors.Join(err, response.Body.Close()))
	if !strings.Contains(string(page), "<footer>hhrecon "+version+" ·") {
		t.Errorf("the page's footer does not have the version %s", version)
	}
	_, file, _ := strings.Cut(p.out.String(), "Workbook: ")
	file, _, _ = strings.Cut(file, "\n")
	book, err := excelize.OpenFile(filepath.Join(s.dir, file))
	must(t, err)
	defer func() { _ = book.Close() }()
	if cells, err := book.SearchSheet("Summary", "hhrecon "+version); err != nil || len(cells) != 1 {
		t.Errorf("the workbook does not have the version %s: %v, %v", version, cells, err)
	}
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.wantStatus(exitOK)
}
