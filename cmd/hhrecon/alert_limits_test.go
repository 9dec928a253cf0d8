package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/sql/sqltest"
)

// deepBodies returns bodies of 64 KiB whose normalised text would take gigabytes, because each leaf repeats its path.
func deepBodies() [][]byte {
	deep := func(path, leaves int) []byte {
		body := strings.Repeat(`{"`+strings.Repeat("k", path/30)+`":`, 30) + "[" + strings.Repeat("1,", leaves) +
			"1]" + strings.Repeat("}", 30)
		return []byte(body + strings.Repeat(" ", max(0, 64<<10-len(body))))
	}
	return [][]byte{
		deep(30_000, 14_000), deep(50_000, 4_000), deep(60, 4_000), // only the last body is small enough for Normalise
		[]byte(`{"a":"` + strings.Repeat("x", 64<<10-8) + `"}`),
		[]byte(`{"` + strings.Repeat("k", 50_000) + `":[` + strings.Repeat("{},", 4_000) + `{}]}`),
	}
}

// memory returns a value of the file /proc/PID/status in bytes.
func (p *process) memory(line string) int64 {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	must(p.t, err)
	found := regexp.MustCompile(line + `:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		p.t.Fatalf("no %s in the status of a process", line)
	}
	kib, err := strconv.ParseInt(string(found[1]), 10, 64)
	must(p.t, err)
	return kib << 10
}

// forgetPeak resets the peak memory of the process (VmHWM).
func (p *process) forgetPeak() {
	p.t.Helper()
	must(p.t, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0))
}

// plainProgram builds hhrecon without the race detector. A program with the race detector needs several
// times as much memory.
func plainProgram(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("only Linux tells a process's memory")
	}
	file := filepath.Join(t.TempDir(), "hhrecon")
	if out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("build hhrecon: %v: %s", err, out)
	}
	return file
}

// TestDeepAlerts sends a hundred deeply nested alerts concurrently from one address. The service must use little
// memory for these alerts, and even less for unsigned alerts. It must not delay a valid alert. HHRECON_BOMBS is
// the number of alerts.
func TestDeepAlerts(t *testing.T) {
	s := newFixture(t, withAlerts, openPayins(5))
	s.program = plainProgram(t)
	settings, err := os.OpenFile(filepath.Join(s.dir, "schedules.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = settings.WriteString("page: {proxies: [127.0.0.1]}\n")
	must(t, errors.Join(err, settings.Close()))
	url, db := s.postgres()
	p, address := s.serve(url)
	sent, many := 0, sizeFromEnv(t, "HHRECON_BOMBS", 100)
	genuine := func() {
		t.Helper()
		l := s.setPayinState(s.samples[sent].Merchant.PaymentID, "success", 150000)
		sent++
		began := time.Now()
		if code := l.post(t, address); code != 200 || time.Since(began) > 2*time.Second {
			t.Errorf("a genuine alert got %d after %s", code, time.Since(began))
		}
	}
	genuine()
	waitForCount(t, p, db, 1, `select count(*) from payins where status = 'success'`)
	_, signed, err := s.box.Alert(*pendingPayin("KG-000001", time.Now()))
	must(t, err)
	signed.Set("X-Forwarded-For", "198.51.100.1")
	unsigned := signed.Clone()
	unsigned.Set(highhelp.HeaderSignature, "none")
	for name, header := range map[string]http.Header{"unsigned": unsigned, "signed": signed} {
		p.forgetPeak()
		idle := p.memory("VmRSS")
		var all sync.WaitGroup
		bodies, slots := deepBodies(), make(chan struct{}, 200)
		for n := range many {
			bomb := testAlert{body: bodies[n%len(bodies)], header: header}
			slots <- struct{}{}
			all.Go(func() {
				if code := bomb.post(t, address); code != 401 && many <= 100 {
					t.Errorf("deep alert %d got %d", n, code)
				}
				<-slots
			})
			if n == many-1 || n == 90 {
				genuine()
			}
		}
		all.Wait()
		grown := p.memory("VmHWM") - idle
		if limit := int64(100 << 20); grown > limit {
			t.Errorf("%s: the process grew from %d MiB by %d MiB", name, idle>>20, grown>>20)
		}
		t.Logf("%s: the process grew from %d MiB by %d MiB", name, idle>>20, grown>>20)
	}
	waitForCount(t, p, db, 5, `select count(*) from hhrecon_alert`)
}

// TestOneSignature checks that bodies with the same signed text count as one alert and cause one request to HighHelp.
// Bodies with a different signed text are different alerts.
func TestOneSignature(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		s := newFixture(t, withAlerts, openPayins(2))
		s.load(url)
		db := sqltest.DB(t, url)
		p, address := s.serve(url)
		post := func(l testAlert, want int) {
			t.Helper()
			if code := l.post(t, address); code != want {
				t.Errorf("got %d, want %d: %s", code, want, l.body)
			}
		}
		const done = `select count(*) from hhrecon_alert where state = 'done'`
		first := s.setPayinState("KG-000000", "success", 150000)
		mutate := func(old, changed string) testAlert {
			l := first
			l.body = bytes.Replace(first.body, []byte(old), []byte(changed), 1)
			return l
		}
		for n := range 10 {
			post(mutate("{", fmt.Sprintf(`{ "x%d": {}, `, n)), 200)
			post(mutate(`"amount":`, fmt.Sprintf(`"x%d": [], "amount" : `, n)), 200)
		}
		waitForCount(t, p, db, 1, done)
		for old, changed := range map[string]string{
			`150000`: `"150000"`, `"sub_status":null`: `"sub_status":"None"`, `"success"`: `"success;status:sub_status:None"`,
			`"currency"`: `"payment_info:currency"`, `"general":{`: `"general:x":{},"general":{`,
		} {
			post(mutate(old, changed), 401)
		}
		post(mutate("KG", `\u004bG`), 200)
		if asked := s.box.AskCount(demoProject, "KG-000000"); asked != 1 {
			t.Errorf("HighHelp received %d requests", asked)
		}
		waitForCount(t, p, db, 1, `select count(*) from hhrecon_alert`)

		pem, err := os.ReadFile(filepath.Join(s.dir, "keys", "alert_private_key.pem"))
		must(t, err)
		key, err := highhelp.ParsePrivateKey(pem)
		must(t, err)
		for n := range 20 {
			l := mutate("{", fmt.Sprintf(`{"x":%d,`, n))
			l.header = first.header.Clone()
			timestamp, err := strconv.ParseInt(l.header.Get(highhelp.HeaderTimestamp), 10, 64)
			must(t, err)
			signature, err := highhelp.Signing{PrivateKey: key}.Sign(l.body, timestamp)
			must(t, err)
			l.header.Set(highhelp.HeaderSignature, signature)
			post(l, 200)
		}
		waitForCount(t, p, db, 21, done)
	})
}
