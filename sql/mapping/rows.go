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

func quote(name string) string { return pq.QuoteIdentifier(name) }

func literal(text string) string { return pq.QuoteLiteral(text) }

func (t *Table) sql() string { return quote(t.Schema) + "." + quote(t.Name) }

func (l *Lookup) sql() string { return quote(l.Schema) + "." + quote(l.Table) }

// source returns the SQL of a field's values, as the merchant writes them. The alias of the merchant's table is p.
func source(f Field) string {
	switch {
	case f.Column == nil:
		return "(" + f.Expression + ")"
	case f.Lookup != nil:
		return fmt.Sprintf("(select l.%s from %s as l where l.%s = p.%s)",
			quote(f.Lookup.Name), f.Lookup.sql(), quote(f.Lookup.Key), quote(f.Column.Name))
	}
	return "p." + quote(f.Column.Name)
}

// list reads rows of expressions as texts in a read-only transaction. A null is nil.
func (p *proposer) list(ctx context.Context, columns []string, from string) (rows [][]*string, err error) {
	text := "select cast(to_json(array[left(cast(" + strings.Join(columns, " as text), 300), left(cast(") + " as text), 300)]) as text) "
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

// count returns the most frequent values of an expression with the numbers of their rows, without null.
func (p *proposer) count(ctx context.Context, source string) ([]StatusWord, error) {
	rows, err := p.list(ctx, []string{"q.word", "count(*)"}, "from (select "+source+" as word "+p.from()+
		") as q where q.word is not null group by q.word order by count(*) desc, q.word limit 100")
	words := make([]StatusWord, len(rows))
	for i, row := range rows {
		words[i].Word = *row[0]
		words[i].Rows, _ = strconv.ParseInt(*row[1], 10, 64)
	}
	return words, err
}

// readRows reads the newest rows: all columns that can have a role, and the chosen expressions.
func (p *proposer) readRows(ctx context.Context) error {
	t := &p.m.Table
	fields := make(map[string]string) // SQL of a value as text, by SQL source
	add := func(f Field, isTime bool) {
		if fields[source(f)] = source(f); isTime {
			fields[source(f)] = "extract(epoch from " + source(f) + ")"
		}
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if slices.ContainsFunc(Roles, func(r Role) bool { return t.rank(r, c) >= 0 }) {
			add(Field{Column: c}, strings.HasPrefix(c.Base, "timestamp"))
		}
	}
	for r, f := range p.m.Fields {
		add(f, f.Column == nil && r == CreatedAt || f.Column != nil && strings.HasPrefix(f.Column.Base, "timestamp"))
	}
	columns, keys := []string{"extract(epoch from now())"}, []string{"now"}
	for key, column := range fields {
		columns, keys = append(columns, column), append(keys, key)
	}
	order := ""
	created, known := p.m.Fields[CreatedAt]
	if some, _ := t.candidates(CreatedAt); !known && len(some) > 0 {
		created, known = Field{Column: some[0]}, true
	}
	if known {
		order = " order by " + source(created) + " desc nulls last"
	}
	rows, err := p.list(ctx, columns, p.from()+order+" limit "+strconv.Itoa(sampleRows))
	for _, row := range rows {
		values := make(map[string]string)
		for i, v := range row {
			if v != nil {
				values[keys[i]] = *v
			}
		}
		p.now, _ = strconv.ParseFloat(values["now"], 64)
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

// typeOf returns PostgreSQL's name of an expression's type, such as TEXT.
func (p *proposer) typeOf(ctx context.Context, expression string) (name string, err error) {
	err = p.conn.Read(ctx, func(tx *sqlx.Tx) error {
		rows, err := tx.QueryContext(ctx, "select ("+expression+") as value from "+p.m.Table.sql()+" as p limit 0")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		types, err := rows.ColumnTypes()
		if err == nil {
			name = types[0].DatabaseTypeName()
		}
		return err
	})
	return name, p.conn.WrapError(ctx, err)
}

// filters finds columns that separate HighHelp's payins from other rows, such as payouts or another provider's payins.
func (p *proposer) filters(ctx context.Context) error {
	if p.c.Where != "" && p.c.Where != None {
		p.and("(" + p.c.Where + ")")
		if kind, err := p.typeOf(ctx, p.c.Where); err != nil || kind != "BOOL" {
			return db.Errorf("--where %q is not a condition on the columns of %s (%v); the columns are %s", p.c.Where, &p.m.Table,
				err, p.columnNames())
		}
	}
	for i := range p.m.Table.Columns {
		c := &p.m.Table.Columns[i]
		f, key := fieldOf(c), "kind"
		if match("provider", plain(c.Name)) >= 0 {
			key = "provider"
		}
		if p.c.Where != "" || match(key, plain(c.Name)) < 0 || !c.isText() && len(c.Enum) == 0 && f.Lookup == nil {
			continue
		}
		words, err := p.count(ctx, source(f))
		if err != nil {
			return err
		}
		var wanted []string
		others := 0
		for _, w := range words {
			if match("payin "+key, plain(w.Word)) >= 0 {
				wanted = append(wanted, literal(w.Word))
			} else if match("other "+key, plain(w.Word)) >= 0 {
				others++
			}
		}
		if others == 0 || len(words) == 1 {
			continue
		}
		q := Question{Text: fmt.Sprintf("Which rows of %s are payins through HighHelp?", &p.m.Table), Flag: "where",
			Evidence: fmt.Sprintf("column %s has the values %s", c.Name, wordList(words[:min(len(words), 10)]))}
		if len(wanted) > 0 {
			q.Proposal = fmt.Sprintf("cast(%s as text) in (%s)", source(f), strings.Join(wanted, ", "))
			q.Certain = others+len(wanted) == len(words)
		}
		if q.Certain {
			p.and(q.Proposal)
		}
		p.add(q)
	}
	return nil
}

// and adds a condition for the rows that are payins.
func (p *proposer) and(condition string) {
	if p.m.Live != "" {
		condition = p.m.Live + " and " + condition
	}
	p.m.Live = condition
}
