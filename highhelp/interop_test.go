package highhelp_test

import (
	"crypto/rsa"
	"errors"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
)

// The sandbox shares no code with the client, so these tests check the signatures of both.

const (
	project = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	payment = "PAYMENT-KGS-1234567" // with this length, padded and unpadded variants differ
	secret  = "s3cret-of-the-test"
)

func readKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile("testdata/test_key.pem")
	if err != nil {
		t.Fatal(err)
	}
	key, err := highhelp.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// gateway starts a sandbox that accepts exactly one variant and has one payin.
func gateway(t *testing.T, v highhelp.Variant, tokenForm string) (*sandbox.Sandbox, string) {
	t.Helper()
	key := readKey(t)
	signer := sandbox.Project{
		ProjectID: project, PublicKey: &key.PublicKey,
		Signature: sandbox.Variant{Null: v.Null, Padding: v.Padding, Digest: v.Digest, Encoding: v.Encoding, Token: tokenForm,
			HMACName: v.AlgorithmHeader},
		Balances: []sandbox.Balance{{Currency: "KGS", Amount: 7}},
	}
	if v.Algorithm == highhelp.AlgorithmHMAC {
		signer.Secret, signer.AlertSecret = []byte(secret), []byte(secret)
	} else {
		signer.Signature.HMACName, signer.AlertKey = "", key
	}
	box, err := sandbox.New(sandbox.Options{Projects: []sandbox.Project{signer}})
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Put(sandbox.Payin{ProjectID: project, PaymentID: payment, Amount: 150000,
		Status: "success"}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	t.Cleanup(func() { box.Close(); server.Close() })
	return box, server.URL
}

func client(t *testing.T, url string, v highhelp.Variant, tokenForm string) *highhelp.Client {
	t.Helper()
	key := readKey(t)
	token, err := highhelp.AccessToken(&key.PublicKey, tokenForm)
	if err != nil {
		t.Fatal(err)
	}
	c, err := highhelp.New(highhelp.Config{
		BaseURL: url, ProjectID: project, Rate: 1e9, FirstPause: time.Millisecond,
		Signing: highhelp.Signing{Variant: v, PrivateKey: key, Secret: []byte(secret), AccessToken: token},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestSandboxTakesEachVariantAndNoOther checks that a sandbox with one variant accepts this variant and rejects all
// others.
func TestSandboxTakesEachVariantAndNoOther(t *testing.T) {
	for _, all := range [][]highhelp.Variant{highhelp.RequestVariants(true, false),
		highhelp.RequestVariants(false, true)} {
		for _, demanded := range all {
			_, url := gateway(t, demanded, highhelp.TokenDER)
			for _, used := range all {
				same := used.Digest == demanded.Digest && used.Padding == demanded.Padding && used.Encoding == demanded.Encoding &&
					(used.Algorithm == "" || used.AlgorithmHeader == demanded.AlgorithmHeader)
				info, err := client(t, url, used, highhelp.TokenDER).PayinInfo(t.Context(), payment)
				if same && (err != nil || info.PaymentID != payment) || !same && err == nil {
					t.Errorf("sandbox expects %s, client uses %s: %v", demanded, used, err)
				}
			}
		}
	}
}

func TestSandboxCalls(t *testing.T) {
	box, url := gateway(t, highhelp.Variant{}, highhelp.TokenPEM)
	c := client(t, url, highhelp.Variant{}, highhelp.TokenPEM)
	if _, err := c.PayinInfo(t.Context(), "unknown"); !errors.Is(err, highhelp.ErrNotFound) {
		t.Error(err)
	}
	if balances, err := c.Balance(t.Context()); err != nil || len(balances.Balances) != 1 ||
		balances.Balances[0].Amount != 7 {
		t.Error(balances, err)
	}
	full := &highhelp.CreatePayin{
		PaymentID: "NEW-1 😀", Amount: 300, Currency: "KGS", Lifetime: 300, Description: "<&>", ExtraParam: "x",
		CallbackURL: "https://m.example/a?b=c&d", WidgetMethod: "payin-p2p-card", BankSymbol: "mbank",
		Customer: highhelp.Customer{ID: "1", IPAddress: "192.0.2.1", Country: "KG", Language: "ky", Type: "trust",
			Email: "a@b.example"},
	}
	if created, err := c.CreatePayin(t.Context(), full); err != nil || created.PaymentID != full.PaymentID {
		t.Error(created, err)
	}
	if info, err := c.PayinInfo(t.Context(), full.PaymentID); err != nil || info.PaymentInfo.InitialAmount != 300 {
		t.Error(info, err)
	}
	for name, want := range map[string]error{
		"cut": nil, "drop": nil, "no_json": nil, "huge": nil, "status": nil, // these affect only one request
		"forget": highhelp.ErrNotFound, "redirect": highhelp.ErrUnreachable,
	} {
		if err := box.Inject(sandbox.Fault{Name: name, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.PayinInfo(t.Context(), payment); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSandboxAlerts(t *testing.T) {
	for _, all := range [][]highhelp.Variant{highhelp.AlertVariants(true, false), highhelp.AlertVariants(false, true)} {
		for _, v := range all {
			box, _ := gateway(t, v, highhelp.TokenDER)
			p, _ := box.Payin(project, payment)
			body, header, err := box.Alert(p)
			if err != nil {
				t.Fatal(err)
			}
			key := highhelp.AlertKey{Variant: v, PublicKey: &readKey(t).PublicKey, Secret: []byte(secret)}
			if _, err := highhelp.VerifyAlert(body, header, key); err != nil {
				t.Errorf("%s: %v", v, err)
			}
			if alert, err := highhelp.ParseAlert(body); err != nil || alert.PaymentID != payment || alert.Status != "success" {
				t.Errorf("%+v: %v", alert, err)
			}
			key.Secret, key.PublicKey = []byte("another"), &rsa.PublicKey{N: readKey(t).N, E: 3}
			if _, err := highhelp.VerifyAlert(body, header, key); !errors.Is(err, highhelp.ErrBadSignature) {
				t.Errorf("%s: a wrong key verifies the alert", v)
			}
		}
	}
}
