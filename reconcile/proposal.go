package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Consent is by what right somebody orders something.
type Consent struct {
	Via      Via
	Identity string
	Above    int64     // minor units: a second person must approve what comes to more; 0: none has to
	Approves *Proposal // what is carried out, in its author's name
	Approver Person    // of it
}

// Facts are what the audit log keeps of it.
func (c *Consent) Facts() ActionFacts {
	f := ActionFacts{Via: c.Via, Identity: c.Identity}
	if c.Approves != nil {
		f.Proposal = c.Approves.ID
		if c.Approves.Proven() {
			f.ApprovedBy = &c.Approver
		}
	}
	return f
}

// Author is who did it. A name that nothing proves stands beside the account that claims it.
func (a *Action) Author() string {
	f := a.Facts
	if f.Via != ViaCLI || f.Identity == "" || strings.HasPrefix(a.By, f.Identity) {
		return a.By
	}
	return fmt.Sprintf("%s (says: %s)", f.Identity, a.By)
}

// ActionFacts are what the audit log keeps of an action beside its columns.
type ActionFacts struct {
	Via        Via       `json:"via,omitempty"`
	Identity   string    `json:"identity,omitempty"`
	Proposal   int64     `json:"proposal,omitempty"`    // the action that proposed it; of a proposal: that it takes over
	ApprovedBy *Person   `json:"approved_by,omitempty"` // of that
	Proposes   *Proposed `json:"proposes,omitempty"`
}

// Data is what Scan reads.
func (f ActionFacts) Data() string {
	text, _ := json.Marshal(f) // it has no types that JSON has not
	return string(text)
}

// Scan reads a column of a database.
func (f *ActionFacts) Scan(value any) error {
	*f = ActionFacts{}
	switch text := value.(type) {
	case string:
		return json.Unmarshal([]byte(text), f)
	case []byte:
		return json.Unmarshal(text, f)
	}
	return nil
}

// Proposed is what a proposal proposes, beside what its columns say.
type Proposed struct {
	Kind       ActionKind     `json:"kind"`
	Choice     Choice         `json:"choice,omitempty"`      // decide
	Class      int64          `json:"class,omitempty"`       // release: a Class
	PaymentIDs []string       `json:"payment_ids,omitempty"` // undo, undo_decision; empty: all of the run
	Sums       map[string]Sum `json:"sums"`                  // what it comes to, by currency, in minor units
}

// ProposalTime is how long a proposal can be approved.
const ProposalTime = 24 * time.Hour

// Proposal is an action of the kind propose.
type Proposal struct {
	Action
	Closed string // why it cannot be approved any more; empty: it waits
}

// ErrNotApproved says that a proposal cannot be approved, and why.
var ErrNotApproved = errors.New("it cannot be approved")

// Proven tells whether the proposal's author has proved who it is. If not, who approves it first takes it over: it is
// stored again in that person's name, and another person approves that.
func (p *Proposal) Proven() bool { return p.Facts.Via == ViaPage || p.Facts.Via == ViaToken }

// author is in whose name the proposal is carried out, or stored again.
func (p *Proposal) author(approver Person) Person {
	if !p.Proven() {
		return approver
	}
	return Person{p.By, p.Facts.Identity, p.Facts.Via}
}

// Check tells whether somebody may approve the proposal now, or take it over: not its author, nor after ProposalTime.
func (p *Proposal) Check(approver Person) error {
	switch {
	case p.Closed != "":
		return fmt.Errorf("proposal %d: %w: %s", p.ID, ErrNotApproved, p.Closed)
	case approver.Via != ViaPage && approver.Via != ViaToken:
		return fmt.Errorf("proposal %d: %w: approve it on the page, or set HHRECON_TOKEN", p.ID, ErrNotApproved)
	case p.Proven() && p.author(approver).Is(approver):
		return fmt.Errorf("proposal %d: %w: %s proposed it, so another person must approve it",
			p.ID, ErrNotApproved, p.By)
	}
	return nil
}

// consent is the approval of the proposal.
func (p *Proposal) consent(approver Person) Consent {
	author := p.author(approver)
	return Consent{Via: author.Via, Identity: author.Identity, Approves: p, Approver: approver}
}

// DecisionInput is the decision that somebody approves.
func (p *Proposal) DecisionInput(approver Person, at time.Time) DecisionInput {
	return DecisionInput{
		Choice: p.Facts.Proposes.Choice, By: p.author(approver).Name, Note: p.Note, At: at, Consent: p.consent(approver),
	}
}

// RunAction is the order that somebody approves. The proposal must not be of a decision.
func (p *Proposal) RunAction(approver Person, at time.Time) RunAction {
	w := p.Facts.Proposes
	return RunAction{
		Kind: w.Kind, RunID: p.RunID, Class: Class(w.Class), PaymentIDs: w.PaymentIDs, By: p.author(approver).Name,
		Note: p.Note, At: at, Consent: p.consent(approver),
	}
}
