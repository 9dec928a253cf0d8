package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/reports/mail/mailtest"
	"hhrecon/sql/sqltest"
)

// mailFixture returns a fixture whose reports are sent to two recipients.
func mailFixture(t *testing.T) (*fixture, *mailtest.Server) {
	t.Helper()
	s := newFixture(t, longTimeouts, limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now())))
	mailServer := mailtest.Open(t, true)
	s.env = []string{
		"HHRECON_SMTP_URL=" + mailServer.URL(mailtest.Password), "HHRECON_MAIL_FROM=hhrecon@merchant.example",
		"SSL_CERT_FILE=" + mailServer.CertificateFile(t),
	}
	file := filepath.Join(s.dir, "schedules.yaml")
	text, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, append(text, `jobs:
  - {name: nightly, cron: "30 2 * * *", do: reconcile, email: [cfo@merchant.example, accounting@merchant.example]}
`...), 0o600))
	return s, mailServer
}

// delayMail adds triggers that delay the update after each step of a delivery. Tests can then kill a process between
// two steps.
func delayMail(db *sqltest.Database) {
	db.MustExec(`
		create function snail() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return new; end $$;
		create trigger announce before insert on hhrecon_report for each row execute function snail();
		create trigger claim after update on hhrecon_delivery for each row
			when (new.state = 'sending') execute function snail();
		create trigger note before update on hhrecon_delivery for each row
			when (new.state = 'sent') execute function snail();`)
}

// TestMailKilled kills hhrecon by SIGKILL at each step at which a report could be lost or sent twice. Every recipient
// must get the report, and a second copy must say that it may be a duplicate.
func TestMailKilled(t *testing.T) {
	t.Parallel()
	closed := `select count(*) from hhrecon_run where closed_at is not null`
	for _, c := range []struct {
		name string
		mood func(o *mailtest.Server, kill func()) mailtest.Behaviour
		when func(t *testing.T, db *sqltest.Database, o *mailtest.Server) bool
		all  int // number of messages on the mail server at the end of the test
	}{
		{"the run is closed but not published", nil, func(t *testing.T, db *sqltest.Database, _ *mailtest.Server) bool {
			return queryCount(t, db, closed) > 0
		}, 2},
		{"the report is published but not sent", nil, func(t *testing.T, db *sqltest.Database, _ *mailtest.Server) bool {
			return queryCount(t, db, `select count(*) from hhrecon_delivery`) > 0
		}, 2},
		{"the mail server knows the recipient", func(_ *mailtest.Server, kill func()) mailtest.Behaviour {
			return mailtest.Behaviour{Rcpt: func(string) error { kill(); return io.EOF }}
		}, nil, 2},
		{"the mail server has the message but has not answered", func(o *mailtest.Server, kill func()) mailtest.Behaviour {
			return mailtest.Behaviour{Data: func(m mailtest.Message, conn net.Conn) error {
				o.Keep(m)
				kill()
				return errors.Join(io.EOF, conn.Close())
			}}
		}, nil, 3},
		{
			name: "the mail server has the message and has answered",
			when: func(_ *testing.T, _ *sqltest.Database, o *mailtest.Server) bool { return len(o.Messages()) > 0 },
			all:  3,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, mailServer := mailFixture(t)
			url, db := s.postgres()
			delayMail(db)
			started := make(chan *process, 1)
			if c.mood != nil {
				mailServer.Behave(c.mood(mailServer, func() { (<-started).kill() }))
			}
			p := s.start(url, "run")
			started <- p
			if c.when != nil {
				if !p.waitFor(func() bool { return c.when(t, db, mailServer) }) {
					t.Fatalf("the run ended before it was killed:\n%s", p.err.String())
				}
				p.kill()
			}
			p.wantStatus(-1)
			mailServer.Behave(mailtest.Behaviour{})
			s.start(url, "deliver").wantStatus(exitOK)
			s.start(url, "deliver").wantStatus(exitOK).wantOutput("No report is waiting")
			checkMail(t, mailServer.Messages(), c.all)
		})
	}
}

// checkMail fails the test if one of the two recipients has no message, or has a duplicate that does not say that it
// may be a duplicate.
func checkMail(t *testing.T, messages []mailtest.Message, all int) {
	t.Helper()
	if len(messages) != all {
		t.Errorf("%d messages, want %d", len(messages), all)
	}
	first := make(map[string]string)
	for _, m := range messages {
		message := m.Read(t)
		id, before := message.Header.Get("Message-Id"), first[m.To]
		if before == "" {
			first[m.To] = id
			continue
		}
		if id != before || !strings.Contains(message.Text, "may have received this message before") {
			t.Errorf("%s has two messages, %s and %s, and the second does not say so:\n%s", m.To, before, id, message.Text)
		}
	}
	if len(first) != 2 {
		t.Errorf("only %v have the report", first)
	}
}

// TestServeSendsMail checks that the service sends a report that a command could not send.
func TestServeSendsMail(t *testing.T) {
	t.Parallel()
	s, mailServer := mailFixture(t)
	url, db := s.postgres()
	s.env[0] = "HHRECON_SMTP_URL="
	s.start(url, "run").wantStatus(exitFailed).wantOutput("HHRECON_SMTP_URL is not set",
		"accounting@merchant.example waits")
	s.env[0] = "HHRECON_SMTP_URL=" + mailServer.URL(mailtest.Password)
	p, _ := s.serve(url)
	if !p.waitFor(func() bool {
		return queryCount(t, db, `select count(*) from hhrecon_delivery where state = 'sent'`) == 2
	}) {
		t.Fatalf("serve ended:\n%s", p.err.String())
	}
	p.stop()
	checkMail(t, mailServer.Messages(), 2)
}
