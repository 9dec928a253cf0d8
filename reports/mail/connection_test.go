package mail

import (
	"strings"
	"testing"

	"hhrecon/reports/mail/mailtest"
)

// TestNoStartTLS checks that a server without STARTTLS is refused, and that the error names the setting.
func TestNoStartTLS(t *testing.T) {
	server, err := ParseServer(mailtest.Open(t, false).URL(mailtest.Password))
	if err != nil {
		t.Fatal(err)
	}
	if err = server.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "?tls=none") {
		t.Errorf("%v; want an error that names ?tls=none", err)
	}
}
