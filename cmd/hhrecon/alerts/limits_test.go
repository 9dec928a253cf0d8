package alerts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
)

// forged returns the headers of an alert, with an invalid signature.
func forged(header http.Header) http.Header {
	h := header.Clone()
	h.Set(highhelp.HeaderTimestamp, "1700000000")
	return h
}

// payinOf returns the nth payin of hmacProject, with the status success.
func payinOf(n int) sandbox.Payin {
	return sandbox.Payin{ProjectID: hmacProject, PaymentID: fmt.Sprint("P-", n), Amount: 1000, Status: "success"}
}

// TestFloods checks that a burst of 2 000 valid alerts from one address is accepted. Forged alerts from any number of
// addresses must not block HighHelp's alerts.
func TestFloods(t *testing.T) {
	c := newAlertTest(t)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(10 * 365 * 24 * time.Hour) // synctest's clock starts in 2000, when Unix times had nine digits
		const genuine = 2000
		for n := range genuine {
			body, header := c.alert(payinOf(n))
			if code := c.sendFrom("192.0.2.1", hmacProject, body, header); code != 200 {
				t.Fatalf("alert %d of a burst: answered %d", n, code)
			}
		}
		body, header := c.alert(payinOf(genuine))
		codes := map[int]int{}
		for range addressBurst + 10 {
			codes[c.sendFrom("192.0.2.2", hmacProject, body, forged(header))]++
		}
		if codes[401] != addressBurst || codes[429] != 10 {
			t.Errorf("a flood from one address: %v", codes)
		}
		c.want("from the flood's address", c.sendFrom("192.0.2.2", hmacProject, body, header), 429, genuine)
		c.want("without a signature", c.sendFrom("192.0.2.2", hmacProject, body, http.Header{}), 401, genuine)
		c.want("from HighHelp's address", c.sendFrom("192.0.2.1", hmacProject, body, header), 200, genuine+1)
		for n := range projectBurst + maxAddresses {
			c.sendFrom(fmt.Sprintf("198.51.%d.%d", n/250%40, n%250), hmacProject, body, forged(header))
		}
		if n := len(c.handler.limits.projects[hmacProject].senders); n > maxAddresses+1 {
			t.Errorf("%d addresses are remembered", n)
		}
		body, header = c.alert(payinOf(genuine + 1))
		c.want("from a new address", c.sendFrom("203.0.113.1", hmacProject, body, header), 429, genuine+1)
		c.want("HighHelp's again", c.sendFrom("192.0.2.1", hmacProject, body, header), 200, genuine+2)
		other := sandbox.Payin{ProjectID: demoProject, PaymentID: "P", Amount: 1000, Status: "success"}
		otherBody, otherHeader := c.alert(other)
		c.want("another project's", c.sendFrom("192.0.2.1", demoProject, otherBody, otherHeader), 200, genuine+3)
		time.Sleep(time.Minute)
		c.want("after the flood", c.sendFrom("192.0.2.2", hmacProject, body, header), 200, genuine+3)
	})
}

// TestVerificationSlots checks the limit of concurrent verifications, how long other alerts wait, and how many alerts
// of one address may wait.
func TestVerificationSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := newLimits(), make(chan struct{})
		results := make(chan error, 1000)
		verify := func(address string) {
			s := l.admit("p", address)
			go func() { results <- l.verify(t.Context(), s, func() error { <-end; return nil }) }()
		}
		for range addressWaiting {
			verify("flood")
		}
		verify("another")
		synctest.Wait()
		if len(results) > 0 {
			t.Errorf("one ended: %v", <-results)
		}
		verify("flood")
		synctest.Wait()
		if len(results) != 1 || !errors.Is(<-results, errBusy) {
			t.Error("one more of the same address waits")
		}
		time.Sleep(slotWait)
		synctest.Wait()
		if len(results) != addressWaiting+1-maxVerifications {
			t.Errorf("%d gave up", len(results))
		}
		for len(results) > 0 {
			if err := <-results; !errors.Is(err, errBusy) {
				t.Error(err)
			}
		}
		close(end)
		synctest.Wait()
		for range maxVerifications {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if err := l.verify(context.Background(), l.admit("p", "later"), func() error { return nil }); err != nil {
			t.Error(err)
		}
	})
}

// unread is a request body that the handler must not read. Its method Read fails the test.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}

// TestMalformedSignatures checks that the body of an alert with a malformed signature is not read.
func TestMalformedSignatures(t *testing.T) {
	c := newAlertTest(t)
	_, header := c.alert(payinOf(1))
	for _, signature := range []string{"", "c2hvcnQ", "!" + header.Get(highhelp.HeaderSignature)[1:]} {
		r := httptest.NewRequest(http.MethodPost, "/alerts/"+hmacProject, unread{t})
		r.Header = header.Clone()
		r.Header.Set(highhelp.HeaderSignature, signature)
		w := httptest.NewRecorder()
		c.mux.ServeHTTP(w, r)
		c.want(signature, w.Code, 401, 0)
	}
	if n := len(c.handler.limits.projects); n != 0 {
		t.Errorf("%d projects have limits", n)
	}
}

// TestDuplicates checks that bodies with the same signed text are one alert, regardless of the case of the project ID.
// A body with additional members is a different alert. A duplicate alert causes one lookup and no run.
func TestDuplicates(t *testing.T) {
	c := newAlertTest(t)
	body, header := c.alert(sandbox.Payin{ProjectID: demoProject, PaymentID: "P-1", Amount: 1000, Status: "success"})
	for n := range 20 {
		mutated := bytes.Replace(body, []byte("{"), fmt.Appendf(nil, `{"x%d":{},`, n), 1)
		c.want("a mutated body", c.send(demoProject, mutated, header), 200, 1)
	}
	c.want("other letters", c.send("57AFF4DB-B45D-42BF-BC5F-B7A499A01782", body, header), 200, 1)
	text := bytes.Replace(body, []byte("1000"), []byte(`"1000"`), 1)
	c.want("a number as text", c.send(demoProject, text, header), 401, 1)
	if len(c.woken) != 1 || c.store.lookups != 21 || c.store.saves != 1 || c.store.alerts[0].ProjectID != demoProject {
		t.Errorf("woken %v, %d lookups, saved %d times, %+v",
			c.woken, c.store.lookups, c.store.saves, c.store.alerts[0])
	}
	key, _ := c.handler.key(hmacProject)
	for n := range 20 {
		other := fmt.Appendf(nil, `{"project_id":"%s","general":{"payment_id":"P"},"status":{"status":"success"},"x":%d}`,
			hmacProject, n)
		signature, err := highhelp.Signing{Variant: key.Variant, Secret: key.Secret}.Sign(other, 1721647251)
		must(t, err)
		h := http.Header{}
		h.Set(highhelp.HeaderTimestamp, "1721647251")
		h.Set(highhelp.HeaderSignature, signature)
		c.want("another member", c.send(hmacProject, other, h), 200, n+2)
		c.want("again", c.send(hmacProject, other, h), 200, n+2)
	}
	unreadable := []byte(`{"project_id":"` + hmacProject + `"}`)
	signature, err := highhelp.Signing{Variant: key.Variant, Secret: key.Secret}.Sign(unreadable, 1721647251)
	must(t, err)
	header.Set(highhelp.HeaderTimestamp, "1721647251")
	header.Set(highhelp.HeaderSignature, signature)
	for range 2 {
		c.want("unreadable", c.send(hmacProject, unreadable, header), 200, 22)
	}
	if c.store.alerts[21].State != reconcile.AlertUnreadable {
		t.Errorf("%+v", c.store.alerts[21])
	}
}

// TestBodyLimit checks that a project stores at most 64 MB of bodies on one local day. Later alerts
// are stored without bodies.
func TestBodyLimit(t *testing.T) {
	c := newAlertTest(t)
	synctest.Test(t, func(t *testing.T) {
		c.set.Zone = time.FixedZone("Bishkek", 6*3600)
		time.Sleep(10*365*24*time.Hour + 17*time.Hour + 59*time.Minute)
		kept := 0
		send := func(what string, withBody bool) {
			t.Helper()
			body, header := c.alert(payinOf(kept))
			kept++
			c.want(what, c.send(hmacProject, body, header), 200, kept)
			a := c.store.alerts[kept-1]
			if a.State != reconcile.AlertWaiting || a.PaymentID == "" || (a.Body != nil) != withBody ||
				(a.Note == "") != withBody || len(c.woken) != kept {
				t.Errorf("%s: %+v", what, a)
			}
		}
		body, _ := c.alert(payinOf(0))
		c.store.bytes = maxBodies - int64(len(body)) - 10
		send("the last one", true)
		send("one too many", false)
		if want := time.Date(2009, 12, 29, 0, 0, 0, 0, c.set.Zone); !c.store.since.Equal(want) {
			t.Errorf("bodies are summed since %s, want %s", c.store.since, want)
		}
		c.store.bytes = 0
		time.Sleep(time.Minute) // wait until midnight in Bishkek
		send("the next day", true)
		c.store.bytes = maxBodies // other processes have stored these bytes
		c.handler.bodies.days[hmacProject].added = maxBodies/8 + 1
		send("after others", false)
	})
}
