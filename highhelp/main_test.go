package highhelp

import (
	"crypto/rsa"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	testPayment = "PAYMENT-KGS-123456"

	// Examples from HighHelp's documentation.
	sampleInfo = `{"status":"processing","sub_status":"awaiting_confirm","status_description":null,
 "request_id":"16a10539-fcb3-4ff5-a3e2-86625a2dc3d3","project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782",
 "payment_id":"PAYMENT-KGS-123456",
 "payment_info":{"amount":10000,"old_amount":10000,"initial_amount":3000,"currency":"KGS","lifetime":300,
  "expiration_date":1721647251,"method":"card-p2p","widget_method":"payin-p2p-card","type":"payin"},
 "integration":{"form_url":"https://ppage.hh-processing.com/widget/24a9249ae10e15232c123409b625daf7e0ea627c",
  "redirect_url":"https://your-web-site-url.com/order/page"}}`
	sampleAlert = `{"project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782",
 "general":{"request_id":"16a10539-fcb3-4ff5-a3e2-86625a2dc3d3","payment_id":"PAYMENT-KGS-123456"},
 "status":{"status":"success","sub_status":null,"status_description":null},
 "payment_info":{"amount":7000,"old_amount":5000,"initial_amount":3000,"currency":"KGS","lifetime":300,
  "expiration_date":1721647251,"updated_date":1721647251,"created_date":1721647251,
  "method":"card-p2p","widget_method":"payin-p2p-card","type":"payin"}}`
	sampleRequest = `{"general":{"project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782","payment_id":"PAYMENT-KGS-123456"}}`
)

// testKey returns a key that only these tests use.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	text, err := os.ReadFile("testdata/test_key.pem")
	if err != nil {
		panic(err)
	}
	key, err := ParsePrivateKey(text)
	if err != nil {
		panic(err)
	}
	return key
})

// roundTrip is a gateway in this process, which works with the fake clock of synctest.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ProtoMajor: 1,
		ProtoMinor: 1}
}

func testConfig() Config {
	return Config{ProjectID: testProject, Signing: Signing{PrivateKey: testKey()}, Rate: 1e9}
}

func testClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// stub returns a client whose gateway is a function in this process.
func stub(t testing.TB, f roundTrip) *Client {
	t.Helper()
	cfg := testConfig()
	cfg.Transport = f
	return testClient(t, cfg)
}

// served returns a client of a gateway on a real connection. The client makes short pauses between attempts.
func served(t testing.TB, url string) *Client {
	t.Helper()
	cfg := testConfig()
	cfg.BaseURL, cfg.FirstPause, cfg.CallTimeout = url, time.Millisecond, 5*time.Second
	cfg.MaxPause = 5 * time.Millisecond
	return testClient(t, cfg)
}

func newPayin() *CreatePayin {
	return &CreatePayin{PaymentID: testPayment, Amount: 150000, Currency: "KGS", Customer: Customer{ID: "c-1"}}
}
