package mapping

import (
	"context"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Choices are the decisions that a person has made, and the sources of evidence. The zero value leaves all decisions to
// Propose.
type Choices struct {
	Table    string            // NAME or SCHEMA.NAME; "" if not chosen
	Columns  map[Role]string   // name of a column, or an SQL expression; None means that there is no such column
	Statuses map[string]string // the merchant's word or code, and a status of StatusWord
	Unit     Unit              // "" if not chosen
	Zone     string            // "" if not chosen
	Where    string            // SQL condition for the rows that are payins at HighHelp; None means all rows
	Projects []string          // ids of the projects in schedules.yaml
	Xmin     bool              // use xmin, if there is no updated_at

	// Ask asks HighHelp about a payin. A nil Ask means that there are no keys.
	Ask func(ctx context.Context, projectID, paymentID string) reconcile.Answer
}

// None is the answer that a table has no column for a role.
const None = "none"

// Question is a decision that no choice has answered yet.
type Question struct {
	Text          string   // a complete question that says what is not known, and where
	Flag          string   // the flag that answers the question: table, column, status, unit, timezone, where or project
	Before, After string   // text before and after the answer in the flag's value, such as "payment_id=" and "=success"
	Options       []string // answers to choose from; empty if any text is possible
	Proposal      string   // "" if there is none
	Certain       bool     // the proposal follows from the evidence and is already part of the mapping
	Evidence      string   // why the proposal is made, or what was searched
}

// Value returns the value of the question's flag for an answer.
func (q Question) Value(answer string) string { return q.Before + answer + q.After }

// Example returns the flag for the command line, with the proposal or with a possible answer.
func (q Question) Example() string { return "" }

// Set stores the value of a flag. The flags column and status have values such as ROLE=COLUMN and WORD=STATUS. An error
// says which values are possible. The command line and the terminal both use Set.
func (c *Choices) Set(flag, value string) error { return nil }

// Propose maps a table of a schema. It reads distinct statuses and a sample of rows of the chosen table, and asks
// HighHelp about a few payins, if it can. The questions are in the order in which a person should answer them.
//
// The mapping contains all choices and certain proposals. It is complete if every question is certain. It is nil if the
// table is not known. A caller answers the other questions with Choices.Set, and calls Propose again, because an answer
// may raise or settle other questions. An error is a choice that cannot be right, or a fault of the database.
func Propose(ctx context.Context, conn *db.DB, s *Schema, c Choices) (*Mapping, []Question, error) {
	return nil, nil, nil
}
