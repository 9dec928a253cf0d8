package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"hhrecon/highhelp/sandbox"
)

// tab is a browser tab that shows hhrecon's page.
type tab struct {
	t        *testing.T
	ctx      context.Context
	problems chan string // errors that the browser reports
}

// newTab starts the installed browser. If no browser is installed, newTab skips the test, or fails the test if CI=true.
func newTab(t *testing.T) *tab {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && program == "" {
			program = path
		}
	}
	if program == "" {
		const missing = "no browser is installed (Debian: apt-get install chromium): the page was NOT tried in one"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.WSURLReadTimeout(waitLimit),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	ctx, end := context.WithTimeout(t.Context(), 2*waitLimit)
	t.Cleanup(end)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	b := &tab{t: t, ctx: ctx, problems: make(chan string, 100)}
	b.do(chromedp.EmulateViewport(360, 740), func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	})
	go func() {
		for e, err := range chromedp.Events(ctx, log.EntryAdded) {
			if err != nil {
				return
			}
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				b.problems <- e.Entry.Text
			}
		}
	}()
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
		b.t.Fatalf("%v, at\n%s", err, text)
	}
}

// waitForText waits until the current page contains a text.
func (b *tab) waitForText(text string) {
	b.t.Helper()
	for {
		page, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + ' ' + "+
			"document.body.innerText.replace(/\\s+/g, ' ')"))
		switch {
		case err == nil && strings.Contains(page, text):
			return
		case b.ctx.Err() != nil:
			b.t.Fatalf("the page does not show %q: %v\n%s", text, err, page)
		}
		time.Sleep(50 * time.Millisecond) // while the browser loads a page, reading the page fails
	}
}

// follow clicks an element and waits for a page that contains a text.
func (b *tab) follow(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
	b.waitForText(text)
}

func (b *tab) types(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// download clicks a link and returns the downloaded file.
func (b *tab) download(selector string) string {
	b.t.Helper()
	dir := b.t.TempDir()
	eventsToo := true
	progress := chromedp.Events(b.ctx, browser.DownloadProgress)
	b.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, call(chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: dir, EventsEnabled: &eventsToo,
		}))
	}, chromedp.Click(chromedp.CSS(selector)))
	for e, err := range progress {
		must(b.t, err)
		if e.State == browser.DownloadProgressStateCompleted {
			return filepath.Join(dir, e.GUID)
		}
	}
	b.t.Fatal("the download does not end")
	return ""
}

func call(_ cdp.Empty, err error) error { return err }

// TestPageInBrowser uses the page on a phone, as finance staff would. TestPageInBrowser signs in, starts a run, watches
// the progress, accepts a different amount, downloads the workbook, and signs out.
func TestPageInBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	samples := limitUnreachable(sandbox.Samples(120, 1, demoProject, time.Now()))
	s := newFixture(t, "name: Som widget, rate: 40, attempt_timeout: 25s, payin_timeout: 25s", samples)
	url, db := s.postgres()
	s.addUser(url, "Aida B.", "finance", "a good long password")
	_, address := s.serve(url)
	different := samples[slices.IndexFunc(samples, func(s sandbox.Sample) bool {
		return s.Outcome == "different_amount" && s.Gateway.Status == "success" && !s.Merchant.Final() &&
			slices.Equal(s.Causes, []string{"appeal"})
	})]
	id := different.Merchant.PaymentID

	b.do(chromedp.Navigate(address + "/"))
	b.types("[name=name]", "Aida B.")
	b.types("[name=password]", "a good long passw0rd")
	b.follow("main button", "The name or the password is wrong.")
	b.types("[name=password]", "a good long password")
	b.follow("main button", "What to do")

	b.follow(`nav a[href="/launch"]`, "Days begin at midnight in Asia/Bishkek")
	b.follow("main button", "Asking HighHelp:")
	b.waitForText("This run has ended") // the page must have reloaded itself
	b.waitForText("Started by Aida B., on this page")

	b.follow(`a[href*="outcome=different_amount"]`, "Findings of run 1")
	b.follow(`a[href*="`+id+`"]`, "This payin waits for a decision")
	b.waitForText("after an appeal it was changed to the")
	b.do(chromedp.Click(chromedp.CSS("[value=accept]")))
	b.types("textarea", "the customer's receipt says so")
	b.follow("section button", "Decided: accept; the merchant's row is now success")
	b.waitForText("Aida B. decided")

	var row struct {
		Status  string `db:"status"`
		Settled int64  `db:"settled_amount"`
	}
	must(t, db.Get(&row, "select status, settled_amount from payins where payment_id = $1", id))
	if row.Status != "success" || row.Settled != different.Gateway.Amount {
		t.Errorf("the row is %+v, HighHelp has %d", row, different.Gateway.Amount)
	}
	var by, note string
	must(t, db.QueryRow("select who, note from hhrecon_action where payment_id = $1", id).Scan(&by, &note))
	if by != "Aida B." || note != "the customer's receipt says so" {
		t.Errorf("the audit log has %q, %q", by, note)
	}

	b.follow(`.story a[href="/runs/1"]`, "Actions of users")
	book, err := excelize.OpenFile(b.download(`a[href="/runs/1/workbook"]`))
	must(t, err)
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows("Different amounts")
	must(t, err)
	if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, id) }) {
		t.Errorf("payin %s is not in the workbook's sheet: %q", id, rows)
	}

	b.do(chromedp.Click(chromedp.CSS(".who button")))
	b.waitForText("Nightly reconciliation")
	b.do(chromedp.Navigate(address + "/runs/1"))
	b.waitForText("Nightly reconciliation")
	for {
		select {
		case problem := <-b.problems:
			if !strings.Contains(problem, "401") { // the wrong password causes 401
				t.Errorf("the browser reports: %s", problem)
			}
		default:
			return
		}
	}
}

// TestApproveInBrowser checks that another user can approve a proposal, but the author of the proposal cannot. If
// HighHelp's answer has changed before the approval, the row is not changed.
func TestApproveInBrowser(t *testing.T) {
	t.Parallel()
	samples := limitUnreachable(sandbox.Samples(120, 1, demoProject, time.Now()))
	project := "name: Som widget, rate: 2000, attempt_timeout: 2s, payin_timeout: 2s, approval: {above: 1}"
	s := newFixture(t, project, samples)
	url, db := s.postgres()
	var ids []string
	for _, p := range samples {
		if p.Outcome == "different_amount" && p.Gateway.Status == "success" && !p.Merchant.Final() {
			ids = append(ids, p.Merchant.PaymentID)
		}
	}
	b := newTab(t)
	_, address := s.serve(url)
	signIn := func(name string) *tab {
		t.Helper()
		s.addUser(url, name, "finance", "a good long password")
		b.do(chromedp.Navigate(address + "/"))
		b.types("[name=name]", strings.ToLower(name))
		b.types("[name=password]", "a good long password")
		b.follow("main button", "What to do")
		return b
	}
	aida := signIn("Aida")
	aida.follow(`nav a[href="/launch"]`, "Days begin at midnight")
	aida.follow("main button", "This run has ended")
	status := func(id string) (status string) {
		t.Helper()
		must(t, db.Get(&status, "select status from payins where payment_id = $1", id))
		return status
	}
	for _, id := range ids[:2] {
		aida.do(chromedp.Navigate(address + "/payin?project=" + demoProject + "&id=" + id))
		aida.do(chromedp.Click(chromedp.CSS("[value=accept]")))
		aida.types("textarea", "the customer's receipt says so")
		aida.follow(".decide button", "Nothing is written until another person approves it")
		aida.waitForText("Another person with the right role must approve it within 24 hours")
		if button, err := chromedp.Run(aida.ctx, chromedp.Evaluate[bool](
			"!!document.querySelector('.proposal button')")); err != nil || button {
			t.Errorf("the author sees the approve button: %v", err)
		}
		if now := status(id); now != "dispute" {
			t.Errorf("the row is %s before the approval", now)
		}
	}

	aida.follow(".who button", "Nightly reconciliation")
	bakyt := signIn("Bakyt")
	bakyt.waitForText("Aida proposes to decide payin " + ids[0] + ": accept, up to ")
	bakyt.follow(`a[href*="`+ids[0]+`"]`, "A second person must approve this proposal")
	bakyt.follow(".proposal button", "Decided: accept; the merchant's row is now success")
	bakyt.waitForText("Aida decided this on")
	bakyt.waitForText("approved by Bakyt")
	if now := status(ids[0]); now != "success" {
		t.Errorf("the row is %s after the approval", now)
	}
	var facts string
	must(t, db.Get(&facts, "select facts from hhrecon_action where kind = 'decide' and who = 'Aida'"))
	if !strings.Contains(facts, `"approved_by":{"name":"Bakyt","via":"page"}`) {
		t.Errorf("the audit log has %s", facts)
	}

	of := func(p sandbox.Sample) bool { return p.Merchant.PaymentID == ids[1] }
	other := *samples[slices.IndexFunc(samples, of)].Gateway
	other.Amount++
	must(t, s.box.Put(other))
	bakyt.do(chromedp.Navigate(address + "/payin?project=" + demoProject + "&id=" + ids[1]))
	bakyt.follow(".proposal button", "HighHelp's answer has changed")
	if now := status(ids[1]); now != "dispute" {
		t.Errorf("the row is %s after HighHelp's answer changed", now)
	}
}

// addUser runs `hhrecon user add` with the password on standard input.
func (s *fixture) addUser(url, name, role, password string) {
	s.t.Helper()
	c := exec.Command("hhrecon", "user", "add", name, "--role", role)
	c.Dir, c.Stdin = s.dir, strings.NewReader(password+"\n")
	c.Env = append(os.Environ(), "HHRECON_DATABASE_URL="+url)
	if text, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, text)
	}
}
