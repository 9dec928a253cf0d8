package reconcile

import (
	"fmt"
	"strings"
)

// Outcome is the verdict on one payin in one run.
type Outcome string

// Outcomes, in the order of Judge's checks. Reversed applies only to final rows and held successes.
const (
	Unreachable     Outcome = "unreachable"      // no usable answer, even after all retries
	NotFound        Outcome = "not_found"        // HighHelp does not know the payin
	Unverifiable    Outcome = "unverifiable"     // the answer is not trusted
	Declined        Outcome = "declined"         // HighHelp declined the payin
	Rejected        Outcome = "rejected"         // HighHelp's status is error
	Timeout         Outcome = "timeout"          // not paid in time, not confirmed in time, or never completed
	DifferentAmount Outcome = "different_amount" // an amount differs from the merchant's row
	Disputed        Outcome = "disputed"         // any other dispute
	Confirmed       Outcome = "confirmed"        // success, and all four amounts are equal
	Pending         Outcome = "pending"          // not completed yet
	Reversed        Outcome = "reversed"         // the merchant's row is final, but HighHelp reports another result
)

// Outcomes lists all outcomes in the order of tables and workbooks.
var Outcomes = []Outcome{Confirmed, DifferentAmount, Timeout, Disputed, Declined, Rejected, Pending, Reversed, NotFound,
	Unverifiable, Unreachable}

// Trusted reports whether the outcome is based on a valid answer.
func (o Outcome) Trusted() bool { return o != Unreachable && o != Unverifiable }

// Causes is the set of causes of a payin's outcome.
type Causes uint8

// Causes of an outcome. The first three causes are steps between the merchant's amount (M) and HighHelp's initial (I),
// old (O) and paid (A) amounts.
const (
	CauseAppeal         Causes = 1 << iota // A ≠ O
	CauseReprice                           // O ≠ I
	CauseRecord                            // I ≠ M
	CauseProvider                          // HighHelp's own sub-status is different_amount
	CauseNoPayment                         // not paid within the payin's lifetime
	CauseConfirmTimeout                    // not confirmed within HighHelp's time limit
	CauseOverdue                           // HighHelp did not complete the payin within its lifetime and the grace period
)

// causesOfAmount are the causes that mean a difference of amounts.
const causesOfAmount = CauseAppeal | CauseReprice | CauseRecord

var causeNames = [...]string{"appeal", "reprice", "record", "provider", "no_payment", "confirm_timeout", "overdue"}

// Has reports whether c has all the given causes.
func (c Causes) Has(some Causes) bool { return c&some == some }

// Names returns the names of the causes.
func (c Causes) Names() []string {
	var names []string
	for i, name := range causeNames {
		if c&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String returns the names joined with commas, which is the stored form.
func (c Causes) String() string { return strings.Join(c.Names(), ",") }

// Scan reads a database column with the result of String. Null means no causes.
func (c *Causes) Scan(value any) (err error) {
	switch v := value.(type) {
	case nil:
		*c = 0
	case string:
		*c, err = ParseCauses(v)
	case []byte:
		*c, err = ParseCauses(string(v))
	default:
		err = fmt.Errorf("causes are text, not %T", value)
	}
	return err
}

// ParseCauses parses the result of String. An unknown name is an error.
func ParseCauses(s string) (Causes, error) {
	var c Causes
	if s == "" {
		return 0, nil
	}
next:
	for _, word := range strings.Split(s, ",") {
		for i, name := range causeNames {
			if word == name {
				c |= 1 << i
				continue next
			}
		}
		return 0, fmt.Errorf("%q is not a cause", word)
	}
	return c, nil
}
