package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/xuri/excelize/v2"

	"hhrecon/reports/mail/mailtest"
	"hhrecon/sql/sqltest"
)

// TestServeMails runs a scheduled job and checks that each recipient gets the workbook. The mail server requires
// STARTTLS and a password and fails the first attempts in different ways. No report may be lost. A duplicate must say
// that it may be a duplicate.
func TestServeMails(t *testing.T) {
	t.Parallel()
	reject := func(code int) func(*mailtest.Server, *process) mailtest.Behaviour {
		return func(*mailtest.Server, *process) mailtest.Behaviour {
			return mailtest.Behaviour{Rcpt: func(string) error { return &smtp.SMTPError{Code: code, Message: "no"} }}
		}
	}
	waiting := `select count(*) = 2 and bool_and(not doubtful) from hhrecon_delivery where state = 'waiting'
		and note <> ''`
	for _, c := range []struct {
		name   string
		mood   func(o *mailtest.Server, p *process) mailtest.Behaviour
		failed string // SQL query that returns true after the first attempts have failed
		sent   int    // number of sent deliveries; there are two deliveries
		all    int    // number of messages on the mail server at the end of the test
		twice  int    // number of messages that are marked as possible duplicates
	}{
		{"the server accepts everything", nil, `select true`, 2, 2, 0},
		{"the server defers everything", reject(451), waiting, 2, 2, 0},
		{"the server rejects everything", reject(550), `select count(*) = 2 from hhrecon_delivery where state = 'given_up'`,
			0, 0, 0},
		{"the server accepts a message and drops the connection", func(o *mailtest.Server, _ *process) mailtest.Behaviour {
			return mailtest.Behaviour{Data: func(m mailtest.Message, conn net.Conn) error {
				o.Keep(m)
				return errors.Join(io.EOF, conn.Close())
			}}
		}, `select count(*) = 2 from hhrecon_delivery where state = 'waiting' and doubtful`, 2, 4, 2},
		{"the server is killed during a message", func(o *mailtest.Server, _ *process) mailtest.Behaviour {
			return mailtest.Behaviour{Data: func(mailtest.Message, net.Conn) error {
				o.Close()
				return io.EOF
			}}
		}, `select count(*) = 2 from hhrecon_delivery where state = 'waiting' and note <> ''`, 2, 2, 1},
		{"the server hangs during a message, and serve is killed", func(_ *mailtest.Server, p *process) mailtest.Behaviour {
			return mailtest.Behaviour{Data: func(mailtest.Message, net.Conn) error {
				p.kill()
				return io.EOF
			}}
		}, `select count(*) = 1 from hhrecon_delivery where state = 'sending'`, 2, 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, mailServer := mailFixture(t)
			url, db := s.postgres()
			s.jobs(nightAt(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
			p := s.serveSchedules(url)
			if c.mood != nil {
				mailServer.Behave(c.mood(mailServer, p))
			}
			s.jobs(nightAt(time.Now().Add(3 * time.Second)))
			must(t, p.cmd.Process.Signal(syscall.SIGHUP))
			waitUntil(t, "the first attempts have failed", func() bool {
				var failed bool
				must(t, db.Get(&failed, c.failed))
				return failed && p.running() != strings.Contains(c.name, "serve is killed")
			})
			mailServer.Behave(mailtest.Behaviour{})
			if strings.Contains(c.name, "server is killed") {
				mailServer.Reopen(t)
			}
			if !p.running() {
				p = s.serveSchedules(url)
			}
			waitUntil(t, "both deliveries have ended", func() bool {
				db.MustExec(`update hhrecon_delivery set next_at = now() where state = 'waiting'`) // make the next attempt due now
				return queryCount(t, db, `select count(*) from hhrecon_delivery where state in ('sent', 'given_up')`) == 2
			})
			waitUntil(t, "the scheduled time is done", func() bool { return len(occurrenceRows(t, db, `state = 'done'`)) == 1 })
			p.stop()
			if n := queryCount(t, db, `select count(*) from hhrecon_run where origin = 'schedule'`); n != 1 {
				t.Errorf("%d runs", n)
			}
			if n := queryCount(t, db, `select count(*) from hhrecon_delivery where state = 'sent'`); n != int64(c.sent) {
				t.Errorf("%d deliveries are sent, want %d:\n%s", n, c.sent, p.err.String())
			}
			if c.sent == 0 {
				p.wantOutput("refused a report permanently")
				return
			}
			checkMail(t, mailServer.Messages(), c.all)
			checkWorkbooks(t, mailServer.Messages(), c.twice)
		})
	}
}

// nightAt returns a job with recipients. The job has one scheduled time a year.
func nightAt(at time.Time) string {
	at = at.In(time.FixedZone("Asia/Bishkek", 6*60*60))
	return fmt.Sprintf(`name: nightly, cron: "%d %d %d %d %d *", do: reconcile, `+
		`email: [cfo@merchant.example, accounting@merchant.example]`,
		at.Second(), at.Minute(), at.Hour(), at.Day(), at.Month())
}

// checkWorkbooks opens every workbook and counts the messages that are marked as possible duplicates.
func checkWorkbooks(t *testing.T, messages []mailtest.Message, twice int) {
	t.Helper()
	for _, m := range messages {
		message := m.Read(t)
		book, err := excelize.OpenReader(bytes.NewReader(message.Attachment))
		if err != nil {
			t.Fatalf("the workbook of %s: %v", m.To, err)
		}
		if !slices.Contains(book.GetSheetList(), "Summary") {
			t.Errorf("the workbook of %s has %v", m.To, book.GetSheetList())
		}
		_ = book.Close()
		if strings.Contains(message.Text, "may have received this message before") {
			twice--
		}
	}
	if twice != 0 {
		t.Errorf("%d more messages should say that they may be duplicates", twice)
	}
}

// TestWebhookAfterKill kills a held run before its webhook event is sent. The next process must send the event.
func TestWebhookAfterKill(t *testing.T) {
	t.Parallel()
	samples := openPayins(120)
	for i := range samples {
		samples[i].Gateway.Status, samples[i].Gateway.SubStatus = "decline", ""
	}
	s := newFixture(t, longTimeouts, samples)
	url, db := s.postgres()
	started, received := make(chan *process, 1), atomic.Int64{}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case p := <-started:
			p.kill()
			w.WriteHeader(http.StatusBadGateway)
		default:
			received.Add(1)
		}
	}))
	t.Cleanup(hook.Close)
	s.env = []string{"HHRECON_WEBHOOK_URL=" + hook.URL}
	p := s.start(url, "run")
	started <- p
	p.wantStatus(-1)
	for range 2 {
		s.start(url, "deliver").wantStatus(exitOK)
	}
	if received.Load() != 1 {
		t.Errorf("the webhook received %d events for the held run", received.Load())
	}
	if n := queryCount(t, db, `select count(*) from hhrecon_run where state = 'held'`); n != 1 {
		t.Errorf("%d runs are held", n)
	}
}

// TestKilledBeforeWorkbook kills a closed run before its workbook is written. The next process must write the workbook
// once, and send it unless the run had --no-email.
func TestKilledBeforeWorkbook(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args  []string
		mails int
	}{{[]string{"run"}, 2}, {[]string{"run", "--no-email"}, 0}} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			s, mailServer := mailFixture(t)
			url, db := s.postgres()
			started, received := make(chan *process, 1), atomic.Int64{}
			hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if received.Add(1) == 1 {
					(<-started).kill()
				}
			}))
			t.Cleanup(hook.Close)
			s.env = append(s.env, "HHRECON_HEARTBEAT_URL="+hook.URL, "HHRECON_WEBHOOK_URL="+hook.URL)
			p := s.start(url, c.args...)
			started <- p
			p.wantStatus(-1)
			books := func() int {
				found, err := filepath.Glob(filepath.Join(s.dir, "reports-out", "*-run-1-*.xlsx"))
				must(t, err)
				return len(found)
			}
			if n := queryCount(t, db, `select count(*) from hhrecon_run where closed_at is not null`); n != 1 || books() != 0 {
				t.Fatalf("%d runs are closed, with %d workbooks", n, books())
			}
			for range 2 {
				s.start(url, "deliver").wantStatus(exitOK)
				if books() != 1 {
					t.Errorf("%d workbooks", books())
				}
			}
			if n := len(mailServer.Messages()); n != c.mails {
				t.Errorf("%d messages, want %d", n, c.mails)
			}
		})
	}
}

// TestOneFaultyReport checks that a report that cannot be published does not block other reports.
func TestOneFaultyReport(t *testing.T) {
	t.Parallel()
	s, mailServer := mailFixture(t)
	url, db := s.postgres()
	killBeforePublishing(t, s, url, db, 2)
	db.MustExec(`
		create function faulty() returns trigger language plpgsql as $$ begin if new.run_id = 1
			then raise 'no'; end if; return new; end $$;
		create trigger faulty before insert on hhrecon_report for each row execute function faulty();`)
	s.start(url, "deliver").wantStatus(exitFailed).wantOutput("publish run 1")
	if n := len(mailServer.Messages()); n != 2 {
		t.Errorf("%d messages of run 2", n)
	}
}

// killBeforePublishing creates closed runs whose reports are not published.
func killBeforePublishing(t *testing.T, s *fixture, url string, db *sqltest.Database, runs int) {
	t.Helper()
	for range runs {
		s.start(url, "run", "--no-email").wantStatus(exitOK, exitUntrusted)
	}
	db.MustExec(`update hhrecon_run set announce = true, no_email = false, origin = 'schedule'`)
}
