package mapping

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hhrecon/sql/db"
)

// without says what happens if a table has no column for a role. The other roles are necessary.
var without = map[Role]string{
	SubStatus:     "hhrecon stores it in its table hhrecon_payin",
	SettledAmount: "hhrecon stores it in its table hhrecon_payin",
	Lifetime:      "HighHelp's lifetime is used",
	UpdatedAt:     "the guard compares the other columns; --xmin also finds changes of all other columns",
	Currency:      "all payins are in one currency",
	ProjectID:     "all payins belong to one project",
}

// written lists the roles that need a column, because corrections change them.
var written = []Role{Status, SubStatus, SettledAmount, UpdatedAt}

// expressionTypes lists PostgreSQL's names of the types that the expression of a role may have.
var expressionTypes = map[Role]string{
	ProjectID: "TEXT VARCHAR", PaymentID: "TEXT VARCHAR", Currency: "TEXT VARCHAR", CreatedAt: "TIMESTAMPTZ",
	Amount: "NUMERIC INT8 INT4", Lifetime: "INT8 INT4",
}

// fieldOf returns a column as a field, with the names of its keys if the column refers to a lookup table.
func fieldOf(c *Column) Field {
	f := Field{Column: c}
	if c.Refers != nil && c.Refers.Name != "" && !c.isText() {
		f.Lookup = c.Refers
	}
	return f
}

// columns decides which column or expression has each role. The ids need evidence from rows and are decided later.
func (p *proposer) columns(ctx context.Context) error {
	for _, r := range Roles {
		if choice, chosen := p.c.Columns[r]; chosen {
			if err := p.chosen(ctx, r, choice); err != nil {
				return err
			}
		} else if r == Status {
			if err := p.guessStatus(ctx); err != nil {
				return err
			}
		} else if r != ProjectID && r != PaymentID {
			p.guess(r)
		}
	}
	return nil
}

// chosen stores a person's choice of a column or an expression for a role.
func (p *proposer) chosen(ctx context.Context, r Role, choice string) error {
	flag := fmt.Sprintf("--column '%s=%s'", r, choice)
	c := p.m.Table.column(strings.Trim(choice, `"`))
	switch {
	case r == UpdatedAt && choice == "xmin":
		p.m.Xmin = true
	case choice == None && without[r] == "":
		return db.Errorf("%s: hhrecon needs a column for %s; the columns are %s", flag, r, p.columnNames())
	case choice == None:
	case c != nil:
		if !slices.Contains(roleNames[r].types, c.base()) {
			return db.Errorf("%s: the column has the type %s; %s needs one of the types %s", flag, c.Type, r,
				strings.Join(roleNames[r].types, ", "))
		}
		p.set(r, c)
	case slices.Contains(written, r):
		return db.Errorf("%s: %s has no such column, and corrections can only be written to a column; the columns are %s",
			flag, &p.m.Table, p.columnNames())
	default:
		has, err := p.typeOf(ctx, flag, choice)
		if err != nil {
			return err
		}
		if !strings.Contains(expressionTypes[r], has) {
			return db.Errorf("%s: the expression has the type %s; cast it to %s", flag, strings.ToLower(has),
				strings.ToLower(strings.ReplaceAll(expressionTypes[r], " ", " or ")))
		}
		p.m.Fields[r] = Field{Expression: choice}
	}
	return nil
}

func (p *proposer) set(r Role, c *Column) {
	p.m.Fields[r] = Field{Column: c}
	if r == Status || r == Currency || r == ProjectID {
		p.m.Fields[r] = fieldOf(c)
	}
}

func (p *proposer) columnQuestion(r Role, columns []*Column) Question {
	q := Question{Text: fmt.Sprintf("Which column of %s has the %s?", &p.m.Table, r), Flag: "column", Before: string(r) + "="}
	for _, c := range columns {
		q.Options = append(q.Options, c.Name)
	}
	if len(columns) > 0 {
		q.Proposal = columns[0].Name
	}
	if without[r] != "" {
		q.Options = append(q.Options, None)
	}
	return q
}

var lengthOfType = regexp.MustCompile(`^character varying\((\d+)\)$`)

// minSubStatus is the length of the longest sub-status of HighHelp.
const minSubStatus = 24

// guess proposes a column for a role by its name and type.
func (p *proposer) guess(r Role) {
	columns, ranks := p.m.Table.candidates(r)
	columns = slices.DeleteFunc(columns, func(c *Column) bool {
		m := lengthOfType.FindStringSubmatch(c.Type)
		if r != SubStatus || m == nil {
			return false
		}
		n, _ := strconv.Atoi(m[1])
		return n < minSubStatus
	})
	q := p.columnQuestion(r, columns)
	switch {
	case len(columns) == 0:
		q.Evidence = "no column has a usual name and type for it"
		if q.Certain = without[r] != ""; q.Certain {
			q.Proposal = None
			q.Evidence += "; " + without[r]
		}
	case len(columns) == 1 || ranks[0] < ranks[1] && r != Amount && r != SettledAmount:
		q.Certain, q.Evidence = true, "the column's name and type"
		p.set(r, columns[0])
	default:
		q.Evidence = "several columns have usual names for it"
	}
	p.add(q)
}

// guessStatus proposes the status column. Among several columns, it is the only one that has no unknown words.
func (p *proposer) guessStatus(ctx context.Context) error {
	columns, _ := p.m.Table.candidates(Status)
	if len(columns) < 2 {
		p.guess(Status)
		return nil
	}
	var known []*Column
	for _, c := range columns {
		words, err := p.count(ctx, source(fieldOf(c)))
		if err != nil {
			return err
		}
		means := make(map[string]bool)
		for _, w := range words {
			status, _ := meaning(w.Word)
			means[status] = true
		}
		if means["success"] && !means[""] {
			known = append(known, c)
		}
	}
	q := p.columnQuestion(Status, columns)
	q.Evidence = "several columns have usual names for it"
	if len(known) > 0 {
		q.Proposal = known[0].Name
	}
	if len(known) == 1 {
		q.Certain, q.Evidence = true, "only this column has nothing but the usual statuses of payins"
		p.set(Status, known[0])
	}
	p.add(q)
	return nil
}
