package reconcile

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"hhrecon/highhelp"
)

// Head is the end of a project's audit log: how many entries there were, and the hash of the last of them.
type Head struct {
	Entries int64
	Hash    string
}

// String is N:HASH, or "" for a log without entries.
func (h Head) String() string {
	if h.Entries == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%s", h.Entries, h.Hash)
}

// Verification is what Verify found.
type Verification struct {
	Entries int64  // the place of the last entry that holds, up to the break
	Head    string // the hash of the last of them
	Keyed   int64  // how many of them have a key
	Break   string // where and how the trail breaks, in one sentence; empty: it holds

	// What was taken out by age, from the trail's beginning; it is not checked any more.
	Pruned     int64 // entries
	PrunedRuns int64
	PrunedAt   time.Time // last
	Until      time.Time // when the latest of them started
	Retention  string    // the setting then
	KeptPruned bool      // the entry of the head that was kept is one of them, before the last
}

// EntryHash is the hash of an audit trail's entry: it covers what the entry says and the hash of the one
// before it ("" before the first), so that no entry can be changed, added or taken out unseen. Values
// are strings, int64s, bools and nil, in a fixed order; text that is no UTF-8 is a []string of its hexadecimal. With a
// secret it is an HMAC, else SHA-256.
func EntryHash(secret []byte, before, kind string, values ...any) string {
	text, err := json.Marshal(append([]any{before, kind}, values...))
	if err != nil {
		panic(fmt.Sprintf("reconcile: an entry that is no JSON: %v", err)) // only for values that are none of those
	}
	sum := sha256.New()
	if secret != nil {
		sum = hmac.New(sha256.New, secret)
	}
	_, _ = sum.Write(text) // never fails
	return hex.EncodeToString(sum.Sum(nil))
}

// Replay judges a stored finding's evidence again, without network, and returns what it comes to now.
// Where the rules and the code are as they were, that is the same finding.
func Replay(f *Finding, rules *Rules) (Finding, error) {
	a := Answer{Result: f.Result, Body: f.Answer, At: f.CheckedAt}
	if f.Result == ResultAnswered {
		info, err := highhelp.ParsePayinInfo([]byte(f.Answer))
		if err != nil {
			return Finding{}, fmt.Errorf("the stored answer about payin %q: %w", f.PaymentID, err)
		}
		a.Info = info
	}
	again := NewFinding(f.Payin, f.Seq, &a, rules)
	again.RunID, again.Correction = f.RunID, f.Correction
	return again, nil
}
