package mapping

import (
	"context"
	"time"

	"hhrecon/sql/db"
)

// Answer is HighHelp's answer about one payin.
type Answer struct {
	InitialAmount int64 // minor units, when the payin was created
	Currency      string
	Lifetime      int64     // seconds; 0 if unknown
	Expires       time.Time // zero if unknown
}

// Choices are the decisions that a person has made, and the sources of evidence. The zero value leaves all decisions to
// Propose.
type Choices struct {
	Table    string            // NAME or SCHEMA.NAME; "" if not chosen
	Columns  map[Role]string   // name of a column, or an SQL expression; "none" means that there is no such column
	Statuses map[string]string // the merchant's word or code, and a status of StatusWord
	Unit     Unit              // "" if not chosen
	Zone     string            // "" if not chosen
	Projects []string          // ids of the projects in schedules.yaml
	Xmin     bool              // use xmin, if there is no updated_at

	// Ask asks HighHelp about a payin. It returns nil without an error if HighHelp does not know the payin. A nil Ask
	// means that there are no keys.
	Ask func(ctx context.Context, projectID, paymentID string) (*Answer, error)
}

// Question is a decision that no choice has answered yet.
type Question struct {
	Text     string   // a complete question that says what is not known, and where
	Flag     string   // the flag that answers the question: table, column, status, unit or timezone
	Key      string   // the ROLE or the WORD before "=" in the value of column and status; "" for other flags
	Options  []string // answers to choose from; empty if any text is possible
	Proposal string   // "" if there is none
	Certain  bool     // the proposal follows from the evidence and is already part of the mapping
	Evidence string   // why the proposal is made, or what was searched
}

// Example returns the flag with the proposal or another answer, for the command line.
func (q Question) Example() string { return "" }

// Answer stores the value of a question's flag. For column and status the value is KEY=ANSWER. An error says which
// value is possible. The command line and the terminal both use Answer.
func (c *Choices) Answer(flag, value string) error { return nil }

// Propose maps a table of a schema. It reads distinct statuses and a sample of rows of the chosen table, and asks
// HighHelp about a few payins, if it can. The questions are in the order in which a person should answer them.
//
// The mapping contains all choices and certain proposals. It is complete if every question is certain. It is nil if the
// table is not known. A caller answers the other questions with Choices.Answer, and calls Propose again, because an
// answer may raise or settle other questions. An error is a choice that cannot be right, or a fault of the database.
func Propose(ctx context.Context, conn *db.DB, s *Schema, c Choices) (*Mapping, []Question, error) {
	return nil, nil, nil
}
