package sandbox_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hhrecon/highhelp/sandbox"
)

const (
	project = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	payment = "PAYMENT-KGS-123456"
)

// noon is the time at which the tests' clock starts. noon is also the timestamp of the test vectors.
var noon = time.Unix(1706182847, 0).UTC()

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// privateKey reads a key that only these tests use: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048
func privateKey(t testing.TB, name string) *rsa.PrivateKey {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

func golden(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

// A clock stands still until a test moves it.
type clock struct {
	sync.Mutex
	t time.Time
}

func (c *clock) now() time.Time {
	c.Lock()
	defer c.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.Lock()
	defer c.Unlock()
	c.t = c.t.Add(d)
}

// A gateway is a sandbox on a loopback address, with a merchant that signs requests.
type gateway struct {
	*sandbox.Sandbox
	t     testing.TB
	clock *clock
	url   string
	key   *rsa.PrivateKey
	http  *http.Client
}

func open(t testing.TB, change ...func(*sandbox.Options)) *gateway {
	t.Helper()
	g := &gateway{t: t, clock: &clock{t: noon}, key: privateKey(t, "request.pem")}
	options := sandbox.Options{
		Projects: []sandbox.Project{{
			ProjectID: project,
			PublicKey: &g.key.PublicKey,
			Secret:    []byte("a-shared-secret\n"),
			AlertKey:  privateKey(t, "alert.pem"),
			Balances:  []sandbox.Balance{{Currency: "KGS", Amount: 1_500_000, LockedAmount: 10_000}},
		}},
		Now: g.clock.now,
	}
	for _, c := range change {
		c(&options)
	}
	var err error
	if g.Sandbox, err = sandbox.New(options); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	g.url, g.http = server.URL, server.Client()
	g.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() {
		g.Close() // before closing the server, which waits for hanging requests
		server.Close()
	})
	return g
}

func (g *gateway) put(p sandbox.Payin) {
	g.t.Helper()
	if p.ProjectID == "" {
		p.ProjectID = project
	}
	if p.PaymentID == "" {
		p.PaymentID = payment
	}
	if p.Amount == 0 {
		p.Amount = 10_000
	}
	if err := g.Put(p); err != nil {
		g.t.Fatal(err)
	}
}

func (g *gateway) inject(f sandbox.Fault) {
	g.t.Helper()
	if err := g.Inject(f); err != nil {
		g.t.Fatal(err)
	}
}

// signText is a simple second implementation of steps 1 to 4 of the signature. signText walks a map recursively.
func signText(t testing.TB, body []byte, timestamp int64) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	lines := walk("", tree)
	sort.Strings(lines)
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(lines, ";"))) + fmt.Sprint(timestamp)
}

func walk(prefix string, tree any) (lines []string) {
	under := func(k string) string { return strings.TrimPrefix(prefix+":"+k, ":") }
	switch v := tree.(type) {
	case map[string]any:
		for k, child := range v {
			lines = append(lines, walk(under(k), child)...)
		}
	case []any:
		for i, child := range v {
			lines = append(lines, walk(under(fmt.Sprint(i)), child)...)
		}
	case nil:
		lines = []string{prefix + ":None"}
	case bool:
		lines = []string{prefix + ":" + map[bool]string{true: "1", false: "0"}[v]}
	default:
		lines = []string{fmt.Sprintf("%s:%v", prefix, v)}
	}
	return lines
}

// request returns a valid request, which a test may change.
func (g *gateway) request(endpoint string, body any) *http.Request {
	g.t.Helper()
	raw, isRaw := body.(string)
	if !isRaw {
		encoded, err := json.Marshal(body)
		if err != nil {
			g.t.Fatal(err)
		}
		raw = string(encoded)
	}
	now := g.clock.now().Unix()
	r, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, g.url+"/api/v1/"+endpoint, strings.NewReader(raw))
	if err != nil {
		g.t.Fatal(err)
	}
	var signature []byte
	if json.Valid([]byte(raw)) {
		first := sha256.Sum256([]byte(signText(g.t, []byte(raw), now)))
		second := sha256.Sum256(first[:])
		if signature, err = rsa.SignPKCS1v15(nil, g.key, crypto.SHA256, second[:]); err != nil {
			g.t.Fatal(err)
		}
	} else {
		signature = []byte("none can be made")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Access-Timestamp", fmt.Sprint(now))
	r.Header.Set("X-Access-Merchant-Id", project)
	r.Header.Set("X-Access-Token", golden(g.t, "token.txt"))
	r.Header.Set("X-Access-Signature", base64.RawURLEncoding.EncodeToString(signature))
	return r
}

func (g *gateway) do(r *http.Request) (int, map[string]any) {
	g.t.Helper()
	response, err := g.http.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); got != "application/json" {
		g.t.Errorf("content-type of the answer is %q", got)
	}
	var answer map[string]any
	if err := json.Unmarshal(raw, &answer); err != nil {
		g.t.Fatalf("answer is not JSON: %v: %q", err, raw)
	}
	return response.StatusCode, answer
}

type object = map[string]any

func ids(paymentID string) object {
	return object{"general": object{"project_id": project, "payment_id": paymentID}}
}

// info reads a payin and checks the HTTP status.
func (g *gateway) info(paymentID string, want int) map[string]any {
	g.t.Helper()
	code, answer := g.do(g.request("widget/payin/info", ids(paymentID)))
	if code != want {
		g.t.Fatalf("info answers %d %v, want %d", code, answer, want)
	}
	return answer
}

// state returns the status and sub-status of an answer, as status:sub_status.
func state(answer map[string]any) string {
	sub, _ := answer["sub_status"].(string)
	return strings.TrimSuffix(answer["status"].(string)+":"+sub, ":")
}

func TestNewReportsAllThatIsWrong(t *testing.T) {
	key := &privateKey(t, "request.pem").PublicKey
	_, err := sandbox.New(sandbox.Options{
		CreatedFlow: "happy",
		Projects: []sandbox.Project{
			{ProjectID: "som", PublicKey: key},
			{ProjectID: project},
			{ProjectID: project[:35] + "4", PublicKey: key, Signature: sandbox.Variant{Digest: "text"}},
			{ProjectID: project[:35] + "3", PublicKey: key, Signature: sandbox.Variant{Null: "nil", Token: "jwt"}},
		},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"happy"`, "accepts only HMAC but has no secret", "not a UUID", "no public key",
		`null is "nil"`, `token is "jwt"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not contain %s:\n%v", want, err)
		}
	}
	if _, err := sandbox.New(sandbox.Options{}); err == nil {
		t.Error("no error without projects")
	}
}

func TestPutRefusesInvalidPayins(t *testing.T) {
	g := open(t)
	for name, p := range map[string]sandbox.Payin{
		"unknown project": {ProjectID: project[:35] + "3", PaymentID: "a"},
		"are required":    {ProjectID: project},
		"unknown quirk":   {ProjectID: project, PaymentID: "a", Quirk: "odd"},
		"has no status":   {ProjectID: project, PaymentID: "a", Steps: []sandbox.Step{{After: 1}}},
		"is earlier than": {ProjectID: project, PaymentID: "a",
			Steps: []sandbox.Step{{After: 2, Status: "error"}, {After: 1, Status: "error"}}},
		"want one of ex": {ProjectID: project, PaymentID: "a", Quirk: "extra_fields,odd"},
	} {
		name = strings.TrimSuffix(name, " ext")
		if err := g.PutAll([]sandbox.Payin{{ProjectID: project, PaymentID: "b"}, p}); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not contain %q", err, name)
		}
	}
	if g.Stats().Payins != 0 {
		t.Error("PutAll put some of the payins")
	}
}
