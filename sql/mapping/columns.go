package mapping

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hhrecon/sql/db"
)

// without describes the effect of a missing column, for each role that a table may lack. All other roles are necessary.
var without = map[Role]string{
	SubStatus:     "hhrecon stores the value in its table hhrecon_payin",
	SettledAmount: "hhrecon stores the value in its table hhrecon_payin",
	Lifetime:      "HighHelp's lifetime is used",
	UpdatedAt:     "the guard compares the other columns; with --xmin it compares all columns",
	Currency:      "all payins are in one currency",
	ProjectID:     "all payins belong to one project",
}

// expressionTypes lists PostgreSQL's names of the types that an expression may have. Corrections write the other roles,
// so those need a column.
var expressionTypes = map[Role][]string{
	ProjectID: {"text", "character varying"}, PaymentID: {"text", "character varying"},
	Currency: {"text", "character varying"}, CreatedAt: {"timestamp with time zone"},
	Amount: {"numeric", "bigint", "integer"}, Lifetime: {"bigint", "integer"},
}

// fieldOf returns a column as a field, with the names of its keys if the column refers to a lookup table.
func fieldOf(c *Column) Field {
	f := Field{Column: c}
	if c.Refers != nil && c.Refers.Name != "" && !c.isText() {
		f.Lookup = c.Refers
	}
	return f
}

func (p *proposer) set(r Role, c *Column) {
	if p.m.Fields[r] = (Field{Column: c}); r == Status || r == Currency {
		p.m.Fields[r] = fieldOf(c)
	}
}

// columns decides which column or expression has each role. The columns of ids are decided later, because that decision
// needs evidence from rows.
func (p *proposer) columns(ctx context.Context) error {
	for _, r := range Roles {
		choice, chosen := p.c.Columns[r]
		switch {
		case chosen && (choice != None || without[r] == ""):
			if err := p.chosen(ctx, r, choice); err != nil {
				return fmt.Errorf("--column '%s=%s': %w; the columns are %s", r, choice, err, p.m.Table.columnNames())
			}
		case !chosen && r == Status:
			if err := p.guessStatus(ctx); err != nil {
				return err
			}
		case !chosen && r != ProjectID && r != PaymentID:
			p.guess(r)
		}
	}
	_, known := p.m.Fields[UpdatedAt]
	p.m.Xmin = p.c.Xmin && !known
	return nil
}

// chosen stores a person's choice of a column or an expression for a role.
func (p *proposer) chosen(ctx context.Context, r Role, choice string) error {
	types := names[string(r)+" types"]
	if c := p.m.Table.column(strings.Trim(choice, `"`)); c != nil {
		if !slices.Contains(types, c.base()) {
			return db.Errorf("the type is %s, but %s needs one of the types %s", c.Type, r, strings.Join(types, ", "))
		}
		p.set(r, c)
		return nil
	}
	types = expressionTypes[r]
	if choice == None || types == nil {
		text := map[bool]string{true: " that corrections can write; for other tables, see hhrecon help queries"}[types == nil]
		return db.Errorf("there is no such column, and hhrecon needs a column for %s%s", r, text)
	}
	has, err := p.typeOf(ctx, choice)
	if err != nil {
		return db.Errorf("this is neither a column nor a valid SQL expression: %v", err)
	}
	if !slices.Contains(types, has) {
		return db.Errorf("the expression has the type %s; cast it to %s", has, types[0])
	}
	p.m.Fields[r] = Field{Expression: choice}
	return nil
}

func (p *proposer) columnQuestion(r Role, columns []*Column) Question {
	q := Question{Flag: "column", Before: string(r) + "="}
	q.Text = fmt.Sprintf("Which column of %s has the %s?", &p.m.Table, r)
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

// doubt replaces the decision about a role by a question.
func (p *proposer) doubt(r Role, proposal, evidence string) {
	delete(p.m.Fields, r)
	columns, _ := p.m.Table.candidates(r)
	q := p.columnQuestion(r, columns)
	p.questions = slices.DeleteFunc(p.questions, func(old Question) bool { return old.Before == q.Before })
	if q.Proposal, q.Evidence = proposal, evidence; proposal == "" {
		q.Options = nil // the usual columns were wrong
	}
	p.add(q)
}

// guess proposes a column for a role by its name and type.
func (p *proposer) guess(r Role) {
	columns, ranks := p.m.Table.candidates(r)
	q := p.columnQuestion(r, columns)
	switch {
	case len(columns) == 0:
		q.Evidence = "no column has a common name and type for this value"
		if types := expressionTypes[r]; types != nil {
			q.Evidence += "; an SQL expression of the type " + strings.ToLower(types[0]) + " is possible"
		}
		if q.Certain = without[r] != ""; q.Certain {
			q.Proposal, q.Evidence = None, q.Evidence+"; "+without[r]
		}
	case len(columns) == 1 || ranks[0] < ranks[1] && r != Amount && r != SettledAmount && r != Status:
		q.Certain, q.Evidence = true, "the column's name and type"
		p.set(r, columns[0])
	default:
		q.Evidence = "several columns have common names for this value: " + columnList(columns)
	}
	p.add(q)
}

// guessStatus proposes the status column. Among several columns, it is the only one with a success of payins, unless
// another column has a name that is more usual.
func (p *proposer) guessStatus(ctx context.Context) error {
	columns, ranks := p.m.Table.candidates(Status)
	var known []*Column
	for i, c := range columns {
		words, err := p.count(ctx, source(fieldOf(c)), p.from())
		if err != nil {
			return err
		}
		if slices.ContainsFunc(words, func(w StatusWord) bool { return means(w, "success") }) {
			known = append(known, c)
		} else if ranks[i] < ranks[len(ranks)-1] {
			known = append(known, nil) // payins may not have succeeded yet
		}
	}
	if p.guess(Status); len(columns) > 1 && len(known) == 1 && known[0] != nil {
		p.doubt(Status, known[0].Name, "only this column has a status that means success")
		p.questions[len(p.questions)-1].Certain = true
		p.set(Status, known[0])
	}
	return nil
}

// where returns the column and table of a role as a phrase for a sentence.
func (p *proposer) where(r Role) string {
	if f := p.m.Fields[r]; f.Column != nil {
		return fmt.Sprintf("column %s of %s", f.Column.Name, &p.m.Table)
	}
	return fmt.Sprintf("%s of %s", r, &p.m.Table)
}

// absent asks about the rows without a value that each payin needs.
func (p *proposer) absent(ctx context.Context, r Role) error {
	f, known := p.m.Fields[r]
	if !known || p.c.Where == None {
		return nil
	}
	f.Lookup = nil
	nulls, err := p.count(ctx, "case when "+source(f)+" is null then 'null' end", p.from())
	if len(nulls) > 0 {
		p.add(Question{Text: fmt.Sprintf("Which rows of %s are payins through HighHelp? Write an SQL condition.", &p.m.Table),
			Flag: "where", Proposal: strings.TrimPrefix(p.m.Live+" and "+source(f)+" is not null", " and "),
			Evidence: fmt.Sprintf("%d rows have no %s, so hhrecon cannot reconcile them", nulls[0].Rows, r)})
	}
	return err
}

func (t *Table) columnNames() string {
	var all []*Column
	for i := range t.Columns {
		all = append(all, &t.Columns[i])
	}
	return columnList(all)
}

func columnList(columns []*Column) string {
	var all []string
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return strings.Join(all, ", ")
}
