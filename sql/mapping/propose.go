package mapping

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Choices are a person's decisions, and the sources of evidence. The zero value leaves all decisions to Propose.
type Choices struct {
	Table    string            // NAME or SCHEMA.NAME; "" if not chosen
	Columns  map[Role]string   // name of a column, or an SQL expression; None means that there is no such column
	Statuses map[string]string // the merchant's word or code, and one of Statuses
	Unit     Unit              // "" if not chosen
	Zone     string            // "" if not chosen
	Where    string            // SQL condition for the rows that are payins at HighHelp; None means all rows
	Projects []string          // ids of the projects in schedules.yaml, or of the flag project
	Xmin     bool              // use xmin, if there is no updated_at

	// Ask asks HighHelp about a payin. A nil Ask means that there are no keys.
	Ask func(ctx context.Context, projectID, paymentID string) reconcile.Answer
}

// None is the answer that a table has no column for a role, or no condition.
const None = "none"

// Question is a decision about the mapping that no choice has answered yet.
type Question struct {
	Text          string   // a complete question that says what is not known, and where
	Flag          string   // table, column, status, unit, timezone, where or project; "" if other answers decide it
	Before, After string   // text before and after the answer in the flag's value, such as "payment_id=" and "=success"
	Options       []string // answers to choose from; empty if any text is possible
	Proposal      string   // "" if there is none
	Certain       bool     // the proposal follows from the evidence and is already part of the mapping
	Evidence      string   // why the proposal is made, or what was searched
}

// Value returns the value of the question's flag for an answer.
func (q Question) Value(answer string) string { return q.Before + answer + q.After }

// Example returns the flag for the command line, with the proposal or with all possible answers.
func (q Question) Example() string {
	answer := cmp.Or(q.Proposal, strings.Join(q.Options, "|"), "…")
	return "--" + q.Flag + " '" + strings.ReplaceAll(q.Value(answer), "'", `'\''`) + "'"
}

// Set stores the value of a flag. The flags column and status have values such as ROLE=COLUMN and WORD=STATUS. An error
// says which values are possible. Set does not change copies of the choices.
func (c *Choices) Set(flag, value string) error {
	at := strings.LastIndex(value, "=")
	if flag == "column" {
		at = strings.Index(value, "=")
	}
	key, answer := value[:max(at, 0)], value[at+1:]
	switch flag {
	case "table":
		c.Table = value
	case "column":
		if !slices.Contains(Roles, Role(key)) {
			return db.Errorf("--column %s: write ROLE=COLUMN, such as --column payment_id=id; the roles are %s", value,
				strings.Trim(fmt.Sprint(Roles), "[]"))
		}
		if value == "updated_at=xmin" {
			c.Xmin, answer = true, None
		}
		if c.Columns = maps.Clone(c.Columns); c.Columns == nil {
			c.Columns = make(map[Role]string)
		}
		c.Columns[Role(key)] = answer
	case "status":
		if key == "" || !slices.Contains(Statuses, answer) {
			return db.Errorf("--status %s: write WORD=STATUS, such as --status paid=success; STATUS is one of %s", value,
				strings.Join(Statuses, ", "))
		}
		if c.Statuses = maps.Clone(c.Statuses); c.Statuses == nil {
			c.Statuses = make(map[string]string)
		}
		c.Statuses[key] = answer
	case "unit":
		if c.Unit = Unit(value); c.Unit != Major && c.Unit != Minor {
			return db.Errorf("--unit %s: write major for amounts such as 500.00, or minor for amounts such as 50000", value)
		}
	case "timezone":
		c.Zone = value
	case "where":
		c.Where = value
	case "project":
		if !uuid.MatchString(value) {
			return db.Errorf("--project %s: this is not a UUID: copy the project's id from HighHelp's dashboard", value)
		}
		c.Projects = append(c.Projects, value)
	default:
		return db.Errorf("--%s answers no question: use --table, --column, --status, --unit, --timezone, --where or "+
			"--project", flag)
	}
	return nil
}

// Propose maps a table of a schema. It reads distinct statuses and a sample of rows of the chosen table, and asks
// HighHelp about a few payins, if it can. The questions are in the order in which a person should answer them.
//
// The mapping contains all choices and certain proposals. The mapping is complete if every question is certain, and nil
// if the table is not known. A caller answers the other questions with Choices.Set and calls Propose again. An answer
// may add or remove other questions. Propose returns an error if a choice cannot be right, or if the database fails.
func Propose(ctx context.Context, conn *db.DB, s *Schema, c Choices) (*Mapping, []Question, error) {
	p := &proposer{conn: conn, s: s, c: c}
	t, q, err := s.choose(c)
	if q != nil {
		p.add(*q)
	}
	if err != nil || t == nil {
		return nil, p.questions, err
	}
	p.m = &Mapping{Table: *t, Fields: make(map[Role]Field)}
	if _, p.m.Live = t.live(); p.m.Live != "" {
		p.add(Question{Text: fmt.Sprintf("Which rows of %s are not deleted?", t), Proposal: p.m.Live, Certain: true,
			Evidence: "the column's name"})
	}
	for _, step := range []func(context.Context) error{p.filters, p.columns, p.projects, p.readRows, p.paymentID,
		func(ctx context.Context) error { return p.absent(ctx, PaymentID) },
		p.statuses, p.lifetime, p.currency, p.unit, p.settled, p.zone} {
		if err := step(ctx); err != nil {
			return nil, nil, conn.WrapError(ctx, err)
		}
	}
	return p.m, p.questions, nil
}

// proposer collects the decisions about one table.
type proposer struct {
	conn *db.DB
	s    *Schema
	c    Choices

	m         *Mapping
	questions []Question
	now       float64             // the database's clock, in Unix seconds
	sample    []map[string]string // the newest rows: texts by SQL source, and times in seconds; a null is missing
	asked     []asked
}

func (p *proposer) add(q Question) { p.questions = append(p.questions, q) }
