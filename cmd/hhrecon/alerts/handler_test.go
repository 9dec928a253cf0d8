package alerts

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
)

// memoryStore is an AlertStore in memory.
type memoryStore struct {
	reconcile.AlertStore
	mu      sync.Mutex
	alerts  []reconcile.Alert
	lookups int // number of calls of HasAlert
	saves   int
	bytes   int64     // number of bytes that other processes have stored
	since   time.Time // the last argument with which AlertBytes was called
	err     error
}

func (m *memoryStore) HasAlert(_ context.Context, project, digest string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lookups++
	return slices.ContainsFunc(m.alerts, func(a reconcile.Alert) bool {
		return a.ProjectID == project && a.TextDigest == digest
	}), m.err
}

func (m *memoryStore) AlertBytes(_ context.Context, project string, since time.Time) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.alerts {
		if a.ProjectID == project && !a.ReceivedAt.Before(since) {
			n += int64(len(a.Body))
		}
	}
	m.since = since
	return n + m.bytes, m.err
}

func (m *memoryStore) SaveAlert(_ context.Context, a reconcile.Alert) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return false, m.err
	}
	m.saves++
	m.alerts = append(m.alerts, a)
	return true, nil
}

// alertTest contains the Handler under test, and a sandbox that signs alerts.
type alertTest struct {
	t       *testing.T
	store   *memoryStore
	log     bytes.Buffer
	woken   []string
	keys    string
	box     *sandbox.Sandbox
	handler *Handler
	set     *config.Settings
	mux     *http.ServeMux
}

// Alerts of demoProject are signed with an RSA key, and alerts of hmacProject with a secret. keylessProject does not
// have a key for alerts. otherProject is not in the settings.
const (
	demoProject    = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	otherProject   = "3d3f9c52-3f0e-4a4e-9f0b-5f0f3f1c2a77"
	hmacProject    = "1d3f9c52-3f0e-4a4e-9f0b-5f0f3f1c2a77"
	keylessProject = "2d3f9c52-3f0e-4a4e-9f0b-5f0f3f1c2a77"
	secret         = "the callback secret"
)

func newAlertTest(t *testing.T) *alertTest {
	t.Helper()
	c := &alertTest{t: t, store: &memoryStore{}, keys: t.TempDir()}
	file, err := os.ReadFile("../../../highhelp/testdata/test_key.pem")
	must(t, err)
	key, err := highhelp.ParsePrivateKey(file)
	must(t, err)
	writePublicKey(t, filepath.Join(c.keys, "alert_key.pem"), key)
	must(t, os.WriteFile(filepath.Join(c.keys, "alert_secret.txt"), []byte(secret), 0o600))
	c.box, err = sandbox.New(sandbox.Options{Projects: []sandbox.Project{
		{ProjectID: demoProject, PublicKey: &key.PublicKey, AlertKey: key},
		{ProjectID: hmacProject, PublicKey: &key.PublicKey, AlertSecret: []byte(secret)},
	}})
	must(t, err)
	t.Cleanup(c.box.Close)
	hmac := config.ProjectEntry{ID: hmacProject, AlertSecretFile: "alert_secret.txt"}
	hmac.AlertSignature.Algorithm = highhelp.AlgorithmHMAC
	c.set = &config.Settings{Zone: time.UTC, Projects: []config.Project{
		config.NewProject(config.ProjectEntry{ID: demoProject, AlertPublicKeyFile: "alert_key.pem"}, "", c.keys),
		config.NewProject(hmac, "", c.keys),
		config.NewProject(config.ProjectEntry{ID: keylessProject}, "", c.keys),
	}}
	c.handler = New(Options{
		Settings: func() *config.Settings { return c.set }, Store: c.store, Count: func(string) {},
		Wake: func(id string) { c.woken = append(c.woken, id) }, Log: slog.New(slog.NewTextHandler(&c.log, nil)),
	})
	c.mux = http.NewServeMux()
	c.mux.Handle("POST /alerts/{project}", c.handler)
	return c
}

// alert returns a signed alert about a payin.
func (c *alertTest) alert(p sandbox.Payin) ([]byte, http.Header) {
	c.t.Helper()
	body, header, err := c.box.Alert(p)
	must(c.t, err)
	return body, header
}

// send sends an alert and returns the status of the answer.
func (c *alertTest) send(project string, body []byte, header http.Header) int {
	return c.sendFrom("192.0.2.1", project, body, header)
}

// sendFrom sends an alert from an address.
func (c *alertTest) sendFrom(address, project string, body []byte, header http.Header) int {
	r := httptest.NewRequest(http.MethodPost, "/alerts/"+project, bytes.NewReader(body))
	r.Header = header.Clone()
	r.RemoteAddr = net.JoinHostPort(address, "1234")
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	if again := w.Code == 429 || w.Code == 503; again == (w.Header().Get("Retry-After") == "") {
		c.t.Errorf("answered %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	return w.Code
}

func (c *alertTest) want(what string, code, want, kept int) {
	c.t.Helper()
	if code != want || len(c.store.alerts) != kept {
		c.t.Errorf("%s: answered %d, %d kept; want %d, %d kept\n%s", what, code, len(c.store.alerts), want, kept,
			c.log.Bytes()[max(0, c.log.Len()-1000):])
	}
}

// TestAcceptedAlerts checks all kinds of alerts, with RSA and with HMAC. A duplicate alert is not stored again. An
// alert with a different amount is stored.
func TestAcceptedAlerts(t *testing.T) {
	c := newAlertTest(t)
	kept := 0
	for _, project := range []string{demoProject, hmacProject} {
		for _, p := range []sandbox.Payin{
			{Status: "processing", SubStatus: "paid"}, {Status: "dispute", SubStatus: "no_payment"}, {Status: "error"},
			{Status: "success"}, {Status: "decline"},
		} {
			p.ProjectID, p.PaymentID, p.Amount, p.CreatedAt = project, "P-1", 1000, time.Unix(1700000000, 0)
			body, header := c.alert(p)
			kept++
			c.want(p.Status, c.send(project, body, header), 200, kept)
			c.want(p.Status+" again", c.send(project, body, header), 200, kept)
			got := c.store.alerts[kept-1]
			if got.State != reconcile.AlertWaiting || got.ProjectID != project || got.PaymentID != "P-1" ||
				got.Status != p.Status || got.SubStatus != p.SubStatus ||
				!bytes.Equal(got.Body, body) || got.Signature != header.Get(highhelp.HeaderSignature) ||
				got.Timestamp != header.Get(highhelp.HeaderTimestamp) {
				t.Errorf("kept %+v", got)
			}
		}
		body, header := c.alert(sandbox.Payin{ProjectID: project, PaymentID: "P-1", Amount: 2000, Status: "success"})
		kept++
		c.want("another amount", c.send(project, body, header), 200, kept)
	}
	if len(c.woken) != kept {
		t.Errorf("%d alerts woke the worker %d times", kept, len(c.woken))
	}
}

// TestRefusedAlerts checks that alerts without a valid signature are not stored, and that the log contains only a few
// lines about these alerts.
func TestRefusedAlerts(t *testing.T) {
	c := newAlertTest(t)
	p := sandbox.Payin{ProjectID: demoProject, PaymentID: "P-1", Amount: 1000, Status: "success"}
	body, header := c.alert(p)
	without := func(name string) http.Header {
		h := header.Clone()
		h.Del(name)
		return h
	}
	tampered := bytes.Replace(body, []byte("1000"), []byte("9000"), 1)
	p.ProjectID = hmacProject
	otherBody, otherHeader := c.alert(p)
	c.want("no signature", c.send(demoProject, body, without(highhelp.HeaderSignature)), 401, 0)
	c.want("no timestamp", c.send(demoProject, body, without(highhelp.HeaderTimestamp)), 401, 0)
	c.want("a changed body", c.send(demoProject, tampered, header), 401, 0)
	c.want("another project's key", c.send(demoProject, otherBody, otherHeader), 401, 0)
	c.want("nothing", c.send(demoProject, nil, header), 401, 0)
	c.want("an unknown project", c.send(otherProject, body, header), 401, 0)
	c.want("a project without a key", c.send(keylessProject, body, header), 401, 0)
	c.want("a large one", c.send(demoProject, append(body, bytes.Repeat([]byte(" "), maxBody)...), header), 413, 0)
	for range 100 {
		c.send(demoProject, body, without(highhelp.HeaderSignature))
		c.send(otherProject, body, header)
	}
	if lines := strings.Count(c.log.String(), "\n"); lines != 4 {
		t.Errorf("the log has %d lines, want one each for a signature, no project, no key and the size:\n%s", lines,
			c.log.String())
	}
	if !strings.Contains(c.log.String(), "set alert_public_key_file") {
		t.Errorf("the log does not name the setting:\n%s", c.log.String())
	}
	c.store.err = errors.New("the database is down")
	c.want("no database", c.send(demoProject, body, header), 503, 0)
	c.store.err = nil
	c.want("the database again", c.send(demoProject, body, header), 200, 1)
	if len(c.woken) != 1 {
		t.Errorf("refused alerts woke the worker: %v", c.woken)
	}
}

// TestUnreadableAlerts checks that a signed alert with unknown content is stored. A person can then read the alert.
func TestUnreadableAlerts(t *testing.T) {
	c := newAlertTest(t)
	body, header := c.alert(sandbox.Payin{ProjectID: hmacProject, PaymentID: "P-1", Amount: 1000, Status: "success"})
	c.set.Projects[0] = c.set.Projects[1] // both projects have the same key
	c.set.Projects[0].ID = demoProject
	c.want("about another project", c.send(demoProject, body, header), 200, 1)
	if a := c.store.alerts[0]; a.State != reconcile.AlertUnreadable || a.ProjectID != demoProject ||
		!strings.Contains(a.Note, hmacProject) {
		t.Errorf("%+v", a)
	}
	if len(c.woken) != 0 || !strings.Contains(c.log.String(), "level=ERROR") {
		t.Errorf("woken %v, log:\n%s", c.woken, c.log.String())
	}
}

// TestAlertKeys checks that the keys in the current settings are used. If a key cannot be read, the answer makes
// HighHelp send the alert again.
func TestAlertKeys(t *testing.T) {
	t.Parallel()
	c := newAlertTest(t)
	body, header := c.alert(sandbox.Payin{ProjectID: demoProject, PaymentID: "P-1", Amount: 1000, Status: "success"})
	file := filepath.Join(c.keys, "alert_key.pem")
	must(t, os.Rename(file, file+".away"))
	c.want("a lost key", c.send(demoProject, body, header), 503, 0)
	must(t, os.Rename(file+".away", file))
	c.want("the key again", c.send(demoProject, body, header), 200, 1)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	writePublicKey(t, filepath.Join(c.keys, "other.pem"), other)
	for _, files := range [][2]string{{"other.pem", "alert_key.pem"}, {"alert_key.pem", "other.pem"}} {
		c.set = &config.Settings{Zone: time.UTC, Projects: []config.Project{config.NewProject(config.ProjectEntry{
			ID: demoProject, AlertPublicKeyFile: files[0], NextAlertKeyFile: files[1],
		}, "", c.keys)}}
		c.want("the next key", c.send(demoProject, body, header), 200, 1)
	}
	for _, broken := range []string{"missing.pem", "alert_secret.txt"} {
		for first, want := range map[string]int{"alert_key.pem": 200, "other.pem": 503} { // HighHelp retries after 503
			c.set = &config.Settings{Zone: time.UTC, Projects: []config.Project{config.NewProject(config.ProjectEntry{
				ID: demoProject, AlertPublicKeyFile: first, NextAlertKeyFile: broken,
			}, "", c.keys)}}
			c.want(first+" and as the next key "+broken, c.send(demoProject, body, header), want, 1)
		}
	}
	keyless := config.NewProject(config.ProjectEntry{ID: demoProject}, "", c.keys)
	next := &config.Settings{Zone: time.UTC, Projects: []config.Project{keyless}}
	c.set = next
	c.want("settings without a key", c.send(demoProject, body, header), 401, 1)
}

// TestSlowSenders checks that a sender gets 408 if the body arrives too late. An alert is stored even if the sender
// closes the connection early.
func TestSlowSenders(t *testing.T) {
	c := newAlertTest(t)
	body, header := c.alert(sandbox.Payin{ProjectID: demoProject, PaymentID: "P-1", Amount: 1000, Status: "success"})
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		served := &http.Server{Handler: c.mux}
		listener := &oneListener{conn: server, closed: make(chan struct{})}
		ended := make(chan struct{})
		go func() { _ = served.Serve(listener); close(ended) }()
		began := time.Now()
		request := "POST /alerts/" + demoProject + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + strconv.Itoa(len(body)) +
			"\r\n" +
			"X-Access-Timestamp: " + header.Get(highhelp.HeaderTimestamp) + "\r\nX-Access-Signature: " +
			header.Get(highhelp.HeaderSignature) + "\r\n\r\n"
		if _, err := io.WriteString(client, request+string(body[:10])); err != nil {
			t.Error(err)
		}
		answer, _ := io.ReadAll(client)
		if !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") || time.Since(began) > readTime+time.Second {
			t.Errorf("after %s: %q", time.Since(began), answer)
		}
		_ = client.Close()
		served.Close()
		<-ended
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/alerts/"+demoProject, bytes.NewReader(body))
	r.Header = header
	c.mux.ServeHTTP(httptest.NewRecorder(), r)
	if len(c.store.alerts) != 1 {
		t.Error("the alert of a sender that closed the connection is not stored")
	}
}

// oneListener is a net.Listener with one connection.
type oneListener struct {
	conn   net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *oneListener) Accept() (conn net.Conn, err error) {
	l.once.Do(func() { conn = l.conn })
	if conn == nil {
		<-l.closed
		err = net.ErrClosed
	}
	return conn, err
}

func (l *oneListener) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *oneListener) Addr() net.Addr { return &net.TCPAddr{} }

func writePublicKey(t *testing.T, file string, key *rsa.PrivateKey) {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
