package probe

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/highhelp"
)

const (
	projectID = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	secret    = "the secret"
)

// verifier is a second implementation of the signature. It shares no code with the client and the sandbox.
type verifier struct {
	key *rsa.PrivateKey
	config.SignatureEntry
}

func (v verifier) lines(path string, value any) (all []string) {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			all = append(all, v.lines(path+key+":", member)...)
		}
	case nil:
		if v.Null != "omit" {
			all = []string{path + map[string]string{"": "None", "null": "null", "empty": ""}[v.Null]}
		}
	default:
		all = []string{path + fmt.Sprint(value)}
	}
	return all
}

// message returns the bytes that are signed.
func (v verifier) message(body []byte, timestamp string) []byte {
	var tree any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil
	}
	lines := v.lines("", tree)
	slices.Sort(lines)
	encoding := base64.URLEncoding
	if !v.Padding {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	text := []byte(encoding.EncodeToString([]byte(strings.Join(lines, ";"))) + timestamp)
	sum := sha256.Sum256(text)
	switch v.Digest {
	case "once", "text":
		return text
	case "hex":
		return []byte(hex.EncodeToString(sum[:]))
	case "":
		if v.Algorithm != "" {
			return text
		}
	}
	return sum[:]
}

func (v verifier) sign(body []byte, timestamp string) string {
	message := v.message(body, timestamp)
	if v.Algorithm == "" {
		sum := sha256.Sum256(message)
		signed, _ := rsa.SignPKCS1v15(rand.Reader, v.key, crypto.SHA256, sum[:])
		return base64.RawURLEncoding.EncodeToString(signed)
	}
	mac := hmac.New(sha512.New, []byte(secret))
	mac.Write(message)
	if v.Encoding == "hex" {
		return hex.EncodeToString(mac.Sum(nil))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// refusal returns why a request is refused, or "".
func (v verifier) refusal(r *http.Request, body []byte) string {
	token, _ := x509.MarshalPKIXPublicKey(v.key.Public())
	if v.Token == "pem" {
		token = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: token})
	}
	header := v.AlgorithmHeader
	if header == "" && v.Algorithm != "" {
		header = v.Algorithm
	}
	switch {
	case r.Header.Get("x-access-merchant-id") != projectID:
		return "merchant not found"
	case r.Header.Get("x-access-token") != base64.RawURLEncoding.EncodeToString(token):
		return "unknown token"
	case r.Header.Get("x-access-merchant-algorithm") != strings.TrimPrefix(header, "none"):
		return "unknown algorithm"
	case v.sign(body, r.Header.Get("x-access-timestamp")) != r.Header.Get("x-access-signature"):
		return "invalid signature"
	}
	return ""
}

// newKeys returns a probe of a server, its output, and a counter of requests.
func newKeys(t *testing.T, v verifier, hmac bool, answer http.HandlerFunc,
) (keys *Keys, out *strings.Builder, sent *int) {
	t.Helper()
	sent, out = new(int), new(strings.Builder)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*sent++
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	p := config.NewProject(config.ProjectEntry{ID: projectID}, "", "")
	p.Entry.AccessToken = pemOf(v.key)
	if p.Entry.HMACSecretFile = "secret"; !hmac {
		p.Entry.HMACSecretFile, p.Entry.PrivateKeyFile, p.Entry.AccessToken = "", "key", ""
	}
	keys = &Keys{Project: p, Out: out, Err: out, Client: func(p config.Project) (*highhelp.Client, error) {
		token, err := highhelp.AccessToken(&v.key.PublicKey, p.Entry.Signature.Token)
		if err != nil {
			return nil, err
		}
		return highhelp.New(highhelp.Config{BaseURL: server.URL, ProjectID: p.ID, FirstPause: p.FirstPause,
			AttemptTimeout: p.AttemptTimeout, CallTimeout: p.PayinTimeout,
			Signing: highhelp.Signing{Variant: p.Entry.Signature.Variant, PrivateKey: v.key, Secret: []byte(secret),
				AccessToken: token}})
	}}
	return keys, out, sent
}

func pemOf(key *rsa.PrivateKey) string {
	der, _ := x509.MarshalPKIXPublicKey(key.Public())
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

var skipForm = regexp.MustCompile(`--skip (\d+)`)

// find repeats the probe as its message says, and checks that no probe sends more than 12 requests.
func find(t *testing.T, keys *Keys, sent *int) error {
	t.Helper()
	for {
		*sent = 0
		again := *keys
		err := again.Find(t.Context())
		if *sent > maxRequests {
			t.Errorf("%d requests", *sent)
		}
		if err == nil || !skipForm.MatchString(err.Error()) {
			return err
		}
		keys.Skip, _ = strconv.Atoi(skipForm.FindStringSubmatch(err.Error())[1])
	}
}

// settings reads the settings that a probe prints.
func settings(t *testing.T, text, key string) config.SignatureEntry {
	t.Helper()
	_, text, _ = strings.Cut(text, "schedules.yaml:\n")
	text, _, _ = strings.Cut(text, "warning: ")
	var all map[string]config.SignatureEntry
	if err := yaml.Load([]byte(text), &all); err != nil {
		t.Fatal(err, text)
	}
	return all[key]
}

func answer(w http.ResponseWriter, status int, description string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status":"error","status_description":%q}`, description)
}

// TestKeysFindEachVariant checks that a probe finds each variant, and that requests with the printed settings work.
func TestKeysFindEachVariant(t *testing.T) {
	t.Parallel()
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	for _, hmac := range []bool{false, true} {
		for _, variant := range highhelp.RequestVariants(!hmac, hmac) {
			for _, token := range []string{"der", "pem"} {
				v := verifier{key, config.SignatureEntry{Variant: variant, Token: token}}
				keys, out, sent := newKeys(t, v, hmac, func(w http.ResponseWriter, r *http.Request) {
					var body bytes.Buffer
					_, _ = body.ReadFrom(r.Body)
					if why := v.refusal(r, body.Bytes()); why != "" {
						answer(w, http.StatusUnauthorized, why)
					} else if r.URL.Path == highhelp.PathBalance {
						answer(w, http.StatusForbidden, "no right to read the balance")
					} else {
						answer(w, http.StatusNotFound, "payment not found")
					}
				})
				if err := find(t, keys, sent); err != nil {
					t.Errorf("%s, token %s: %v", variant, token, err)
					continue
				}
				found := settings(t, out.String(), "signature")
				if found.String() != variant.String() || cmp.Or(found.Token, "der") != token {
					t.Errorf("got %s, token %s, want %s, token %s", found.Variant, found.Token, variant, token)
				}
				if !strings.Contains(out.String(), "warning: the variant is proved, but balance fails") {
					t.Error("no warning about the balance")
				}
			}
		}
	}
}

// TestKeysRefused checks the answers that prove nothing.
func TestKeysRefused(t *testing.T) {
	t.Parallel()
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	for _, tt := range []struct {
		status  int
		words   string
		header  string
		most    int
		says    string
		payment string
	}{
		{403, "blocked", "", 1, "wait some minutes", ""},
		{423, "locked", "", 1, "may have locked the project", ""},
		{429, "slow down", "900", 1, "wait 15m0s", ""},
		{503, "maintenance", "", 1, "neither accepts nor refuses", ""},
		{401, "merchant not found", "", 1, "copy the project's id", ""},
		{401, "timestamp is too old", "", 1, "clock by NTP", ""},
		{401, "unknown token", "", 12, "the key does not belong to project", ""},
		{401, "invalid signature", "", 12, "the key, the project id", ""},
		{200, "invalid signature", "", 12, `"invalid signature"`, ""},
		{404, "payment not found", "", 3, "nothing is proved", ""},
		{404, "payment not found", "", 12, "HighHelp accepts no variant", "KG-1"},
		{404, "payment not found", "", 0, "cannot tell padding", "KG-123"},
	} {
		keys, out, sent := newKeys(t, verifier{key: key}, false, func(w http.ResponseWriter, _ *http.Request) {
			if tt.header != "" {
				w.Header().Set("Retry-After", tt.header)
			}
			answer(w, tt.status, tt.words)
		})
		keys.PaymentID = tt.payment
		var err error
		if tt.most == maxRequests {
			err = find(t, keys, sent)
		} else if err = keys.Find(t.Context()); *sent > tt.most {
			t.Errorf("%d %s: %d requests", tt.status, tt.words, *sent)
		}
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(out.String(), "schedules.yaml") ||
			tt.most > 0 && tt.status != 404 && !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%d %s: got %v, want %q", tt.status, tt.words, err, tt.says)
		}
	}
}

const alertForm = `{"project_id":"57aff4db-b45d-42bf-bc5f-b7a499a01782","general":{"request_id":` +
	`"16a10539-fcb3-4ff5-a3e2-86625a2dc3d3","payment_id":"%s"},"status":{"status":"success","sub_status":%s},` +
	`"payment_info":{"amount":7000,"currency":"KGS","type":"payin"}}`

// TestAlertFindsEachVariant checks that one alert without a null and of a length that is a multiple of 3 proves
// nothing, and that further alerts decide.
func TestAlertFindsEachVariant(t *testing.T) {
	t.Parallel()
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	dir := t.TempDir()
	public := filepath.Join(dir, "public")
	p := config.NewProject(config.ProjectEntry{ID: projectID, AlertPublicKeyFile: public}, "", "")
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("public", pemOf(key))
	withSecret := p
	withSecret.Entry.AlertPublicKeyFile, withSecret.Entry.AlertSecretFile = "", write("secret", secret)
	for _, variant := range append(highhelp.AlertVariants(true, false), highhelp.AlertVariants(false, true)...) {
		v, p, other := verifier{key, config.SignatureEntry{Variant: variant}}, p, withSecret
		if variant.Algorithm != "" {
			p, other = other, p
		}
		capture := func(name, id, null string) string {
			body := fmt.Sprintf(alertForm, id, null)
			return write(name, fmt.Sprintf("x-access-timestamp: 1706182847\nx-access-signature: %s\n\n%s",
				v.sign([]byte(body), "1706182847"), body))
		}
		id := "P"
		for base := (verifier{}); len(base.lineText(fmt.Sprintf(alertForm, id, `"x"`)))%3 != 0; {
			id += "x"
		}
		vague, nulls := capture("vague", id, `"x"`), capture("nulls", id, "null")
		odd := capture("odd", id+"x", "null")
		odder := capture("odder", id+"xx", "null")
		var out strings.Builder
		err := Alert(p, []string{vague}, &out)
		if err == nil || !strings.Contains(err.Error(), "8 variants fit") ||
			!strings.Contains(err.Error(), "multiple of 3") || !strings.Contains(err.Error(), "with a null") ||
			strings.Contains(out.String(), "schedules.yaml") ||
			!strings.Contains(out.String(), "This variant fits: "+variant.String()+"\n") {
			t.Errorf("%s: one vague alert: %v\n%s", variant, err, &out)
		}
		out.Reset()
		if err := Alert(p, []string{vague, nulls, odd, odder}, &out); err != nil {
			t.Errorf("%s: %v", variant, err)
		} else if found := settings(t, out.String(), "alert_signature"); found.String() != variant.String() {
			t.Errorf("got %s, want %s", found.Variant, variant)
		}
		if err := Alert(other, []string{odd}, &out); err == nil || !strings.Contains(err.Error(), "set alert_") {
			t.Errorf("%s: the other key: %v", variant, err)
		}
	}
	for text, want := range map[string]string{"a: b\n\n{}": "must both be in the file", "{}": "not a captured alert"} {
		if err := Alert(p, []string{write("bad", text)}, &strings.Builder{}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// lineText returns the normalised text of a body.
func (v verifier) lineText(body string) string {
	v.Digest = "once"
	text, _ := base64.RawURLEncoding.DecodeString(string(v.message([]byte(body), "")))
	return string(text)
}
