package webhook

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSign checks that the shell script in the manual accepts a signed request, and refuses a changed body or
// timestamp.
func TestSign(t *testing.T) {
	var header http.Header
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	t.Cleanup(server.Close)
	sent := []byte(`{"note":"сом"}`)
	if err := (Sender{Secret: "s3cret"}).Call(t.Context(), http.MethodPost, server.URL, sent); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(page), "```sh\n")
	script, _, _ = strings.Cut(script, "```")
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	verify := func(timestamp string, body []byte) error {
		for name, text := range map[string]string{"body.json": string(body), "webhook_secret": "s3cret\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c := exec.CommandContext(t.Context(), "sh", "-ec", script)
		c.Dir = dir
		c.Env = append(os.Environ(), "timestamp="+timestamp, "signature="+header.Get(SignatureHeader))
		return c.Run()
	}
	at := header.Get(TimestampHeader)
	if err := verify(at, body); err != nil {
		t.Errorf("%q: %v", header, err)
	}
	if verify(at+"0", body) == nil || verify(at, append(body, ' ')) == nil {
		t.Error("a changed request is accepted")
	}
	header = nil
	err = Sender{}.Call(t.Context(), http.MethodPost, server.URL, sent)
	if err != nil || header.Get(SignatureHeader) != "" {
		t.Errorf("without a secret: %v, %q", err, header)
	}
}

// TestRedirect checks that a webhook call does not follow redirects.
func TestRedirect(t *testing.T) {
	before := RetryDelays
	RetryDelays = []time.Duration{time.Millisecond}
	t.Cleanup(func() { RetryDelays = before })
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	t.Cleanup(other.Close)
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	err := Sender{}.Call(context.Background(), http.MethodPost, server.URL, []byte("{}"))
	if err == nil || !strings.Contains(err.Error(), "307") {
		t.Error(err)
	}
}
