package sandbox

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// A MerchantRow is the merchant's row of a payin in hhrecon's default table of payins. Amounts are in minor units.
type MerchantRow struct {
	ProjectID     string
	PaymentID     string
	Amount        int64 // in minor units
	Currency      string
	Status        string
	SubStatus     *string
	SettledAmount *int64
	Lifetime      *int64 // in seconds
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// RowColumns are the columns of the default table of payins, in the order of Record.
var RowColumns = []string{"project_id", "payment_id", "amount", "currency", "status", "sub_status", "settled_amount",
	"lifetime", "created_at", "updated_at"}

// Record returns the row for a CSV file. A missing value is empty, and COPY reads it as NULL.
func (m MerchantRow) Record() []string {
	number := func(n *int64) string {
		if n == nil {
			return ""
		}
		return strconv.FormatInt(*n, 10)
	}
	sub := ""
	if m.SubStatus != nil {
		sub = *m.SubStatus
	}
	return []string{
		m.ProjectID, m.PaymentID, strconv.FormatInt(m.Amount, 10), m.Currency, m.Status, sub,
		number(m.SettledAmount), number(m.Lifetime),
		m.CreatedAt.Format(time.RFC3339Nano), m.UpdatedAt.Format(time.RFC3339Nano),
	}
}

// Final reports whether the row's status is final. Only a run that checks final payins again selects such a row.
func (m MerchantRow) Final() bool { return m.Status == "success" || m.Status == "decline" }

// A Sample is one payin: the merchant's row, HighHelp's payin, and the expected outcome under the policy "hold".
type Sample struct {
	Scenario string
	Outcome  string   // empty if no run selects the payin
	Causes   []string // sorted
	Merchant MerchantRow
	Gateway  *Payin // nil if HighHelp does not know the payin
	Fault    *Fault // the fault to inject, for all requests about the payin
}

// sampleShare is the share of samples with the outcome confirmed.
const sampleShare = 0.8

// Samples returns n payins of one project from the 48 hours before now. The same arguments return the same payins. If
// n is at least len(Scenarios()), every scenario occurs. About four of five payins are confirmed.
func Samples(n int, seed uint64, projectID string, now time.Time) []Sample {
	return slices.AppendSeq(make([]Sample, 0, max(n, 0)), SamplesSeq(n, seed, projectID, now))
}

// SamplesSeq returns the payins of Samples one at a time, to save memory.
func SamplesSeq(n int, seed uint64, projectID string, now time.Time) iter.Seq[Sample] {
	now = now.UTC().Truncate(time.Second) // the times of samples are whole seconds
	return func(yield func(Sample) bool) {
		random := rand.New(rand.NewPCG(seed, 0x68687265636f6e))
		everyday := everydayShare(n)
		next := 0 // the next scenario that has not occurred yet
		for i := range n {
			pick := &scenarios[0]
			switch {
			case next < len(scenarios) && i == next*max(n, len(scenarios))/len(scenarios):
				pick = &scenarios[next] // scenarios that occur once are distributed evenly over the samples
				next++
			case random.Float64() >= everyday:
				pick = &scenarios[weighted(random)]
			}
			m := &sampleBuilder{random: random, serial: i + 1, projectID: projectID, now: now}
			if !yield(m.make(pick)) {
				return
			}
		}
	}
}

// everydayShare returns the probability that a random sample is a plain success.
func everydayShare(n int) float64 {
	fixed := len(scenarios)
	if n <= fixed {
		return 1
	}
	confirmed := 0
	for _, s := range scenarios {
		if s.Outcome == "confirmed" {
			confirmed++
		}
	}
	return min(max((sampleShare*float64(n)-float64(confirmed))/float64(n-fixed), 0), 1)
}

// weighted returns a random scenario. A scenario with a higher weight is more probable.
func weighted(random *rand.Rand) int {
	draw := random.IntN(totalWeight)
	for i, s := range scenarios {
		if draw -= s.weight; draw < 0 {
			return i
		}
	}
	return 0
}

var totalWeight = func() (total int) {
	for _, s := range scenarios {
		total += s.weight
	}
	return total
}()

// A sampleBuilder builds one sample. The merchant's row and HighHelp's payin are equal at first. Then the scenario
// changes the row, the payin or both.
type sampleBuilder struct {
	random    *rand.Rand
	serial    int
	projectID string
	now       time.Time
	sample    *Sample
}

func (m *sampleBuilder) make(s *Scenario) Sample {
	var (
		created  = m.now.Add(-m.seconds(30*60, 47*3600))
		amount   = int64(100+m.random.IntN(49_901)) * 100 // whole som from 100 to 50 000
		lifetime = int64(300 + 60*m.random.IntN(6))
	)
	if m.random.IntN(10) == 0 {
		amount -= int64(m.random.IntN(100)) // some amounts include tiyin
		amount = max(amount, 10_000)
	}
	gateway := &Payin{
		ProjectID: m.projectID, PaymentID: m.paymentID(created),
		Amount: amount, OldAmount: amount, InitialAmount: amount, Currency: "KGS",
		Status:   "success",
		Lifetime: lifetime, CreatedAt: created, ExpirationDate: created.Add(time.Duration(lifetime) * time.Second),
		Method: "card-p2p", WidgetMethod: "payin-p2p-card", Type: "payin",
	}
	switch m.random.IntN(5) {
	case 0:
		gateway.Method, gateway.WidgetMethod = "phone-p2p", "payin-p2p-phone"
	case 1:
		gateway.Method, gateway.WidgetMethod = "qr-p2p", "payin-qr-link-p2p"
	}
	sample := Sample{
		Scenario: s.Name, Outcome: s.Outcome, Causes: s.causes,
		Gateway: gateway,
		Merchant: MerchantRow{ProjectID: m.projectID, PaymentID: gateway.PaymentID, Amount: amount, Currency: "KGS",
			Lifetime: new(lifetime), CreatedAt: created, UpdatedAt: created.Add(m.seconds(1, 240))},
	}
	m.setOpenStatus(&sample.Merchant)
	m.sample = &sample
	s.build(m)
	return sample
}

// setOpenStatus sets a random status for open rows.
func (m *sampleBuilder) setOpenStatus(row *MerchantRow) {
	switch m.random.IntN(8) {
	case 0:
		row.Status = "new"
	case 1, 2:
		row.Status = "pending"
	case 3:
		row.Status, row.SubStatus = "dispute", new("no_payment")
	case 4:
		row.Status, row.SubStatus = "processing", new("new")
	default:
		row.Status, row.SubStatus = "processing", new("awaiting_confirm")
	}
}

func (m *sampleBuilder) seconds(from, to int) time.Duration {
	return time.Duration(from+m.random.IntN(to-from+1)) * time.Second
}

// paymentID returns an ID like KG-20261122-000123, with the day in UTC and the sample's unique number.
func (m *sampleBuilder) paymentID(created time.Time) string {
	return fmt.Sprintf("KG-%s-%06d", created.Format("20060102"), m.serial)
}
