package mapping

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/sql/db"
)

// sampleRows is the number of newest rows that are read as evidence.
const sampleRows = 500

func (t *Table) sql() string { return ident(t.Schema) + "." + ident(t.Name) }

func (l *Lookup) sql() string { return ident(l.Schema) + "." + ident(l.Table) }

// source returns the SQL of a field's values, as the merchant writes them. The alias of the merchant's table is p.
func source(f Field) string {
	switch {
	case f.Column == nil:
		return "(" + f.Expression + ")"
	case f.Lookup != nil:
		return fmt.Sprintf("(select l.%s from %s as l where l.%s = p.%s)",
			ident(f.Lookup.Name), f.Lookup.sql(), ident(f.Lookup.Key), ident(f.Column.Name))
	}
	return "p." + ident(f.Column.Name)
}

// list reads rows of expressions as texts in a read-only transaction. A null is nil.
func (p *proposer) list(ctx context.Context, columns []string, from string) (rows [][]*string, err error) {
	text := "select cast(to_json(array[left(cast(" + strings.Join(columns, " as text), 300), left(cast(") +
		" as text), 300)]) as text) "
	var texts []string
	err = p.conn.Read(ctx, func(tx *sqlx.Tx) error { return tx.SelectContext(ctx, &texts, text+from) })
	rows = make([][]*string, len(texts))
	for i := range texts {
		if err == nil {
			err = json.Unmarshal([]byte(texts[i]), &rows[i])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", &p.m.Table, p.conn.WrapError(ctx, err))
	}
	return rows, nil
}

// from returns the clauses for the table's payins.
func (p *proposer) from() string {
	if p.m.Live != "" {
		return "from " + p.m.Table.sql() + " as p where " + p.m.Live
	}
	return "from " + p.m.Table.sql() + " as p"
}

// maxValues is the maximum number of different values that count returns.
const maxValues = 100

// count returns the most frequent values of an expression with the numbers of their rows, without null.
func (p *proposer) count(ctx context.Context, source, from string) ([]StatusWord, error) {
	rows, err := p.list(ctx, []string{"q.word", "count(*)"}, "from (select "+source+" as word "+from+") as q "+
		"where q.word is not null group by q.word order by count(*) desc, q.word limit "+strconv.Itoa(maxValues))
	words := make([]StatusWord, len(rows))
	for i, row := range rows {
		words[i].Word = *row[0]
		words[i].Rows, _ = strconv.ParseInt(*row[1], 10, 64)
	}
	return words, err
}

// readRows reads the newest rows: all columns that can have a role, and the chosen expressions.
func (p *proposer) readRows(ctx context.Context) error {
	t, created := &p.m.Table, p.m.Fields[CreatedAt]
	var fields []Field
	for i := range t.Columns {
		c := &t.Columns[i]
		if slices.ContainsFunc(Roles, func(r Role) bool { return t.rank(r, c) >= 0 }) {
			fields = append(fields, Field{Column: c})
		}
	}
	for _, f := range p.m.Fields {
		fields = append(fields, f)
	}
	if some, _ := t.candidates(CreatedAt); created == (Field{}) && len(some) > 0 {
		created.Column = some[0]
	}
	columns := []string{"extract(epoch from now())"}
	for _, f := range fields {
		text := source(f)
		if f == created || f.Column != nil && f.Lookup == nil && strings.HasPrefix(f.Column.Base, "timestamp") {
			text = "extract(epoch from " + text + ")"
		}
		columns = append(columns, text)
	}
	order := ""
	if created != (Field{}) {
		order = " order by " + source(created) + " desc nulls last"
	}
	rows, err := p.list(ctx, columns, p.from()+order+" limit "+strconv.Itoa(sampleRows))
	for _, row := range rows {
		values := make(map[string]string)
		for i, f := range fields {
			if row[i+1] != nil {
				values[source(f)] = *row[i+1]
			}
		}
		p.now, _ = strconv.ParseFloat(*row[0], 64)
		p.sample = append(p.sample, values)
	}
	return err
}

// values returns the values of a field in the sample, without null.
func (p *proposer) values(f Field) (values []string) {
	for _, row := range p.sample {
		if v, ok := row[source(f)]; ok {
			values = append(values, v)
		}
	}
	return values
}

// typeOf returns PostgreSQL's name of an expression's type, such as text.
func (p *proposer) typeOf(ctx context.Context, expression string) (name string, err error) {
	// Without parentheses, an expression that closes more than it opens is an error.
	text := "select cast(pg_typeof(q.value) as text) from (select 1) as one left join (select case when true then " +
		expression + " end as value from " + p.m.Table.sql() + " as p limit 0) as q on true"
	err = p.conn.Read(ctx, func(tx *sqlx.Tx) error { return tx.GetContext(ctx, &name, text) })
	return name, p.conn.WrapError(ctx, err)
}

// filters finds columns whose values distinguish HighHelp's payins from other rows, such as payouts
// or another provider's payins.
func (p *proposer) filters(ctx context.Context) error {
	if p.c.Where == None {
		return nil
	}
	if p.c.Where != "" {
		kind, err := p.typeOf(ctx, p.c.Where)
		if err != nil || kind != "boolean" {
			return db.Errorf("--where %q is not a condition on columns of %s: %v", p.c.Where, &p.m.Table, err)
		}
		p.and("(" + p.c.Where + ")")
		return nil
	}
	for i := range p.m.Table.Columns {
		f := fieldOf(&p.m.Table.Columns[i])
		key := []string{"", "kind", "provider"}[match("filter", plain(f.Column.Name))+1]
		if key == "" || f.Column.Unique {
			continue
		}
		words, err := p.count(ctx, source(f), p.from())
		if err != nil {
			return err
		}
		if len(words) == maxValues { // so many values are ids
			continue
		}
		q := Question{Text: fmt.Sprintf("Which rows of %s are payins through HighHelp? Write an SQL condition.", &p.m.Table),
			Flag: "where", Evidence: fmt.Sprintf("column %s has the values %s; write none if all rows are such payins",
				f.Column.Name, wordList(words))}
		var wanted []string
		others := 0
		for _, w := range words {
			if match("payin "+key, plain(w.Word)) >= 0 {
				wanted = append(wanted, pq.QuoteLiteral(w.Word))
			} else if match("other "+key, plain(w.Word)) >= 0 {
				others++
			}
		}
		if len(wanted) > 0 {
			q.Proposal = source(f) + " in (" + strings.Join(wanted, ", ") + ")"
			if q.Certain = len(wanted)+others == len(words); q.Certain {
				p.and(q.Proposal)
			}
		}
		if len(words) > 1 {
			p.add(q)
		}
	}
	return nil
}

// and adds a condition for the rows that are payins.
func (p *proposer) and(condition string) {
	p.m.Live = strings.TrimPrefix(p.m.Live+" and "+condition, " and ")
}
