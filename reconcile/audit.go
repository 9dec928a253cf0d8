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

// Head is the end of a project's audit log: the number of entries and the hash of the last entry.
type Head struct {
	Entries int64
	Hash    string
}

// String returns N:HASH, or an empty string if the log has no entries.
func (h Head) String() string {
	if h.Entries == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%s", h.Entries, h.Hash)
}

// Verification is the result of ActionStore.Verify.
type Verification struct {
	Entries int64  // the number of the last valid entry
	Head    string // the hash of the last valid entry
	Keyed   int64  // the number of valid entries with a keyed hash
	Break   string // a sentence with the position and kind of the first error in the log; empty if the log is valid

	// The fields below describe entries that were pruned by age from the beginning of the log. Pruned
	// entries cannot be verified.
	Pruned     int64 // the number of pruned entries
	PrunedRuns int64
	PrunedAt   time.Time // when entries were last pruned
	Until      time.Time // when the latest pruned run started
	Retention  string    // the retention setting when entries were last pruned
	KeptPruned bool      // a given Head cannot be verified, because its entry and later entries were pruned
}

// EntryHash returns the hash of an audit log entry. The hash is computed from the entry's values and the hash of the
// previous entry ("" for the first). Verify therefore detects a changed, added or removed entry. Values are strings,
// int64s, bools and nil, in a fixed order. Text that is not valid UTF-8 is passed as a []string with its hexadecimal
// form. With a secret the hash is an HMAC-SHA-256, otherwise a plain SHA-256.
func EntryHash(secret []byte, before, kind string, values ...any) string {
	text, err := json.Marshal(append([]any{before, kind}, values...))
	if err != nil {
		panic(fmt.Sprintf("reconcile: an entry that is not JSON: %v", err)) // only for values of other types
	}
	sum := sha256.New()
	if secret != nil {
		sum = hmac.New(sha256.New, secret)
	}
	_, _ = sum.Write(text) // Write of a hash never fails
	return hex.EncodeToString(sum.Sum(nil))
}

// Replay judges the stored answer of a finding again, without network access. The same rules and code give the same
// finding.
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
