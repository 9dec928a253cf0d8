package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"

	"hhrecon/reports/mail/mailtest"
	"hhrecon/sql/sqltest"
)

// mailServerOf returns the script's mail server.
func mailServerOf(ts *testscript.TestScript) *mailtest.Server { return stateOf(ts).mailServer }

// startMailServer starts the mail server and sets its environment variables.
func startMailServer(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		mailServer := mailtest.Open(t, true)
		stateOf(ts).mailServer = mailServer
		ts.Setenv("HHRECON_SMTP_URL", mailServer.URL(mailtest.Password))
		ts.Setenv("HHRECON_MAIL_FROM", "hhrecon@merchant.example")
		ts.Setenv("SSL_CERT_FILE", mailServer.CertificateFile(t))
	}
}

// mailServerSays sets the mail server's answer to every recipient; 250 means success.
func mailServerSays(ts *testscript.TestScript, _ bool, args []string) {
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	var mood mailtest.Behaviour
	if code != 250 {
		mood.Rcpt = func(string) error {
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "not today"}
		}
	}
	mailServerOf(ts).Behave(mood)
}

// mails fails the script if the mail server does not have the given number of messages.
func mails(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := mailServerOf(ts).Messages(); len(got) != want {
		ts.Fatalf("the mail server has %d messages, want %d", len(got), want)
	}
}

// readMail prints a message as its reader sees it, and saves its attachment as $ATTACHED.
func readMail(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		all := mailServerOf(ts).Messages()
		if n > len(all) {
			ts.Fatalf("the mail server has %d messages", len(all))
		}
		message := all[n-1].Read(t)
		fmt.Fprintf(ts.Stdout(), "To: %s\nSubject: %s\n\n%s", all[n-1].To, message.Subject, message.Text)
		if message.Attachment != nil {
			fmt.Fprintf(ts.Stdout(), "\nAttached: %s\n", message.Name)
			ts.Check(os.WriteFile(ts.MkAbs(message.Name), message.Attachment, 0o600))
			ts.Setenv("ATTACHED", message.Name)
		}
	}
}

// jobFor adds a job with recipients to schedules.yaml.
func jobFor(ts *testscript.TestScript, _ bool, args []string) {
	job := fmt.Sprintf("jobs:\n  - {name: nightly, cron: \"30 2 * * *\", do: reconcile, email: [%s]}\n"+
		"  - {name: month-end, cron: \"0 7 1 * *\", do: report, period: last-month, email: [%[1]s]}\n",
		strings.Join(args, ", "))
	text, _, _ := strings.Cut(ts.ReadFile("schedules.yaml"), "jobs:")
	ts.Check(os.WriteFile(ts.MkAbs("schedules.yaml"), []byte(text+job), 0o600))
}

// appeal increases the paid amount of a final payin, half an hour after the merchant's row became final.
func appeal(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		box, id := stateOf(ts).box, ts.Getenv("CONFIRMED")
		p, ok := box.Payin(demoProject, id)
		if !ok {
			ts.Fatalf("the sandbox has no such payin")
		}
		p.Amount += 12_300
		p.Steps = slices.Clone(p.Steps)
		ts.Check(box.Put(p))
		db := sqltest.DB(t, superuserOf(ts))
		_, err := db.Exec(db.Rebind("update payins set updated_at = ? where payment_id = ?"),
			time.Now().UTC().Add(-30*time.Minute).Format("2006-01-02T15:04:05.000000Z"), id)
		ts.Check(err)
	}
}
