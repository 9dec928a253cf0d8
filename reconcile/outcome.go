package reconcile

import (
	"fmt"
	"strings"
)

// Outcome is the one verdict on one payin in one run.
type Outcome string

// The outcomes, in the order in which Judge tries them. Reversed stands apart: it is for rows that
// were final already and were asked about again.
const (
	Unreachable     Outcome = "unreachable"      // no usable answer after every retry
	NotFound        Outcome = "not_found"        // HighHelp does not know this payin
	Unverifiable    Outcome = "unverifiable"     // an answer that cannot be trusted
	Declined        Outcome = "declined"         // HighHelp declined it
	Rejected        Outcome = "rejected"         // HighHelp says error
	Timeout         Outcome = "timeout"          // not paid or not confirmed in time, or never closed
	DifferentAmount Outcome = "different_amount" // another sum than the merchant's row says
	Disputed        Outcome = "disputed"         // any other dispute
	Confirmed       Outcome = "confirmed"        // success, and all four amounts agree
	Pending         Outcome = "pending"          // still under way
	Reversed        Outcome = "reversed"         // final in the merchant's row, something else at HighHelp
)

// Outcomes lists every outcome in the order that tables and workbooks show them.
var Outcomes = []Outcome{
	Confirmed, DifferentAmount, Timeout, Disputed, Declined, Rejected, Pending,
	Reversed, NotFound, Unverifiable, Unreachable,
}

// Trusted tells whether an outcome rests on an answer that HighHelp gave and that holds together.
func (o Outcome) Trusted() bool { return o != Unreachable && o != Unverifiable }

// Causes is the set of reasons why a payin was flagged; a payin can have several.
type Causes uint8

// The causes. The first three are the steps from M to A that are not zero.
const (
	CauseAppeal         Causes = 1 << iota // A ≠ O
	CauseReprice                           // O ≠ I
	CauseRecord                            // I ≠ M
	CauseProvider                          // HighHelp says different_amount itself
	CauseNoPayment                         // not paid within the lifetime
	CauseConfirmTimeout                    // the confirmation ran out
	CauseOverdue                           // HighHelp never closed it
)

// causesOfAmount are those that say that an amount differs.
const causesOfAmount = CauseAppeal | CauseReprice | CauseRecord

var causeNames = [...]string{
	"appeal", "reprice", "record", "provider", "no_payment", "confirm_timeout", "overdue",
}

// Has tells whether all of the given causes are among c.
func (c Causes) Has(some Causes) bool { return c&some == some }

// Names lists the causes in the words of the rules.
func (c Causes) Names() []string {
	var names []string
	for i, name := range causeNames {
		if c&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String joins the names with commas; it is how causes are stored.
func (c Causes) String() string { return strings.Join(c.Names(), ",") }

// Scan reads a column of a database that has what String wrote; null is no cause.
func (c *Causes) Scan(value any) (err error) {
	switch v := value.(type) {
	case nil:
		*c = 0
	case string:
		*c, err = ParseCauses(v)
	case []byte:
		*c, err = ParseCauses(string(v))
	default:
		err = fmt.Errorf("causes are text, and no %T", value)
	}
	return err
}

// ParseCauses reads what String wrote. A name that is no cause comes back as an error.
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
		return 0, fmt.Errorf("%q is no cause", word)
	}
	return c, nil
}
