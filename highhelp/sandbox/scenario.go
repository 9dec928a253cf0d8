package sandbox

import (
	"slices"
	"strings"
	"time"
)

// A Scenario describes a possible situation of a payin.
type Scenario struct {
	Name        string
	Description string // one sentence
	Outcome     string // the expected outcome; empty if no run selects the payin

	causes []string
	weight int // relative frequency; 0 means that the scenario occurs only once
	build  func(*sampleBuilder)
}

// Scenarios returns the scenarios that Samples draws from.
func Scenarios() []Scenario { return slices.Clone(scenarios) }

// Load puts the payins of the samples and injects their faults, up to the first error.
func (s *Sandbox) Load(samples []Sample) error {
	for _, sample := range samples {
		if sample.Gateway != nil {
			if err := s.Put(*sample.Gateway); err != nil {
				return err
			}
		}
		if sample.Fault != nil {
			if err := s.Inject(*sample.Fault); err != nil {
				return err
			}
		}
	}
	return nil
}

// define returns a scenario. causes are separated by spaces.
func define(weight int, name, outcome, causes, description string, changes ...func(*sampleBuilder)) Scenario {
	return Scenario{
		Name: name, Description: description, Outcome: outcome,
		causes: slices.Sorted(strings.FieldsSeq(causes)),
		weight: weight,
		build: func(m *sampleBuilder) {
			for _, change := range changes {
				change(m)
			}
		},
	}
}

// A scenario consists of changes that the functions below return.

func status(status, sub string) func(*sampleBuilder) {
	return func(m *sampleBuilder) { m.sample.Gateway.Status, m.sample.Gateway.SubStatus = status, sub }
}

func quirk(names string) func(*sampleBuilder) {
	return func(m *sampleBuilder) { m.sample.Gateway.Quirk = names }
}

// amounts returns a change that sets HighHelp's amounts, as percentages of the merchant's amount.
func amounts(amount, old, initial int64) func(*sampleBuilder) {
	return func(m *sampleBuilder) {
		asked, g := m.sample.Merchant.Amount, m.sample.Gateway
		g.Amount, g.OldAmount, g.InitialAmount = asked*amount/100, asked*old/100, asked*initial/100
	}
}

// recentPayin sets the age of a payin and the time until its expiry, both in minutes.
func recentPayin(minutesOld, minutesLeft time.Duration) func(*sampleBuilder) {
	return func(m *sampleBuilder) {
		created := m.now.Add(-minutesOld*time.Minute - m.seconds(0, 59))
		setCreated(m, created)
		m.sample.Gateway.ExpirationDate = m.now.Add(minutesLeft * time.Minute)
	}
}

// setCreated sets the time of creation in the merchant's row and in HighHelp's payin, and a payment_id with the
// day of that time.
func setCreated(m *sampleBuilder, created time.Time) {
	g, row := m.sample.Gateway, &m.sample.Merchant
	g.CreatedAt, row.CreatedAt = created, created
	g.ExpirationDate = created.Add(time.Duration(g.Lifetime) * time.Second)
	row.UpdatedAt = created.Add(m.seconds(1, 240))
	withPaymentID(m.paymentID(created))(m)
}

func withPaymentID(paymentID string) func(*sampleBuilder) {
	return func(m *sampleBuilder) { m.sample.Gateway.PaymentID, m.sample.Merchant.PaymentID = paymentID, paymentID }
}

// merchant sets the status of the merchant's row.
func merchant(status, sub string) func(*sampleBuilder) {
	return func(m *sampleBuilder) {
		m.sample.Merchant.Status, m.sample.Merchant.SubStatus = status, nil
		if sub != "" {
			m.sample.Merchant.SubStatus = &sub
		}
	}
}

// final makes the merchant's row final, with an update within minutes of the creation.
func final(status string) func(*sampleBuilder) {
	return func(m *sampleBuilder) {
		row := &m.sample.Merchant
		merchant(status, "")(m)
		if status == "success" {
			row.SettledAmount = new(row.Amount)
		}
		row.UpdatedAt = row.CreatedAt.Add(m.seconds(60, 600))
	}
}

func fault(f Fault) func(*sampleBuilder) {
	return func(m *sampleBuilder) {
		f := f
		f.ProjectID, f.PaymentID = m.projectID, m.sample.Merchant.PaymentID
		m.sample.Fault = &f
	}
}

func unknown(m *sampleBuilder) { m.sample.Gateway = nil }
