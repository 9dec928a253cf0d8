package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Consent contains how the person who acts was identified, and who approved the action.
type Consent struct {
	Via      Via
	Identity string
	Above    int64     // largest sum without a second person's approval, in minor units; 0 means no limit
	Approves *Proposal // the proposal that is executed on behalf of its author
	Approver Person    // who approves the proposal
	Shadow   bool      // the project is in shadow, so an action that writes is refused
}

// Facts returns the details of the consent that the audit log stores.
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

// Author returns the name of the person who executed the action. If the name is not verified, Author returns the
// account and the unverified name.
func (a *Action) Author() string {
	f := a.Facts
	if f.Via != ViaCLI || f.Identity == "" || strings.HasPrefix(a.By, f.Identity) {
		return a.By
	}
	return fmt.Sprintf("%s (says: %s)", f.Identity, a.By)
}

// ActionFacts are details of an action that the audit log stores in addition to the entry's columns.
type ActionFacts struct {
	Via        Via       `json:"via,omitempty"`
	Identity   string    `json:"identity,omitempty"`
	Proposal   int64     `json:"proposal,omitempty"`    // the executed proposal, or the replaced proposal
	ApprovedBy *Person   `json:"approved_by,omitempty"` // who approved that proposal
	Proposes   *Proposed `json:"proposes,omitempty"`
}

// Data returns the stored form.
func (f ActionFacts) Data() string {
	text, _ := json.Marshal(f) // values of these types can always be marshalled
	return string(text)
}

// Scan reads a database column with the result of Data.
func (f *ActionFacts) Scan(value any) error {
	*f = ActionFacts{}
	return scanJSON(value, f)
}

// Proposed contains the details of a proposed action that have no column in the audit log.
type Proposed struct {
	Kind       ActionKind     `json:"kind"`
	Choice     Choice         `json:"choice,omitempty"`      // only for the kind decide
	Class      int64          `json:"class,omitempty"`       // only for the kind release: a Class
	PaymentIDs []string       `json:"payment_ids,omitempty"` // for undo and undo_decision; empty means all payins
	Sums       map[string]Sum `json:"sums"`                  // the sums of the action by currency, in minor units
}

// ProposalTime is how long a proposal stays open for approval.
const ProposalTime = 24 * time.Hour

// Proposal is an action of the kind propose.
type Proposal struct {
	Action
	Closed string // why the proposal can no longer be approved; empty while it can be approved
}

// ErrNotApproved means that a proposal cannot be approved. The wrapping error says why.
var ErrNotApproved = errors.New("it cannot be approved")

// Proven reports whether the identity of the proposal's author was verified. If not, the first person who approves
// becomes the author of a copy of the proposal. Another person must then approve the copy.
func (p *Proposal) Proven() bool { return p.Facts.Via == ViaPage || p.Facts.Via == ViaToken }

// author returns the author of the executed proposal or of its new copy.
func (p *Proposal) author(approver Person) Person {
	if !p.Proven() {
		return approver
	}
	return Person{p.By, p.Facts.Identity, p.Facts.Via}
}

// Check returns an error if a person may not approve the proposal or become its author. The author may not approve.
// After ProposalTime no one may approve.
func (p *Proposal) Check(approver Person) error {
	switch {
	case p.Closed != "":
		return fmt.Errorf("proposal %d: %w: %s", p.ID, ErrNotApproved, p.Closed)
	case approver.Via != ViaPage && approver.Via != ViaToken:
		return fmt.Errorf("proposal %d: %w: approve it on the page, or set HHRECON_TOKEN", p.ID, ErrNotApproved)
	case p.Proven() && p.author(approver).Is(approver):
		return fmt.Errorf("proposal %d: %w: %s proposed it, so another person must approve it", p.ID, ErrNotApproved, p.By)
	}
	return nil
}

// consent returns the consent of the approved proposal.
func (p *Proposal) consent(approver Person) Consent {
	author := p.author(approver)
	return Consent{Via: author.Via, Identity: author.Identity, Approves: p, Approver: approver}
}

// DecisionInput returns the proposed decision, as approved.
func (p *Proposal) DecisionInput(approver Person, at time.Time) DecisionInput {
	return DecisionInput{Choice: p.Facts.Proposes.Choice, By: p.author(approver).Name, Note: p.Note, At: at,
		Consent: p.consent(approver)}
}

// RunAction returns the proposed run action, as approved. The proposed action must not be a decision.
func (p *Proposal) RunAction(approver Person, at time.Time) RunAction {
	w := p.Facts.Proposes
	return RunAction{Kind: w.Kind, RunID: p.RunID, Class: Class(w.Class), PaymentIDs: w.PaymentIDs,
		By: p.author(approver).Name, Note: p.Note, At: at, Consent: p.consent(approver)}
}
