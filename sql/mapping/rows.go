package mapping

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"fmt"
	"regexp"
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

func (t *Table) sql() string { return quote(t.Schema) + "." + quote(t.Name) }

func (l *Lookup) sql() string { return quote(l.Schema) + "." + quote(l.Table) }

// source returns the SQL of a field's values, as the merchant writes them. The alias of the merchant's table is p.
func source(f Field) string {
	switch {
	case f.Expression != "":
		return "(" + f.Expression + ")"
	case f.Lookup != nil:
		return fmt.Sprintf("(select l.%s from %s as l where l.%s = p.%s)",
			quote(f.Lookup.Name), f.Lookup.sql(), quote(f.Lookup.Key), quote(f.Column.Name))
	}
	return "p." + quote(f.Column.Name)
}

// list reads rows of expressions as texts in a read-only transaction. A null is nil.
func (p *proposer) list(ctx context.Context, columns []string, from string) (rows [][]*string, err error) {
	for i := range columns {
		columns[i] = "left(cast(" + columns[i] + " as text), 300)"
	}
	text := "select cast(to_json(array[" + strings.Join(columns, ", ") + "]) as text) " + from
	err = p.conn.Read(ctx, func(tx *sqlx.Tx) error {
		var texts []string
		if err := tx.SelectContext(ctx, &texts, text); err != nil {
			return err
		}
		rows = make([][]*string, len(texts))
		for i := range texts {
			if err := json.Unmarshal([]byte(texts[i]), &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", &p.m.Table, p.conn.WrapError(ctx, err))
	}
	return rows, nil
}

// from returns the clauses for the table's payins.
func (p *proposer) from() string {
	text := "from " + p.m.Table.sql() + " as p"
	if p.m.Live != "" {
		text += " where " + p.m.Live
	}
	return text
}

// count returns the most frequent values of an expression with the numbers of their rows, without null.
func (p *proposer) count(ctx context.Context, source string) ([]StatusWord, error) {
	rows, err := p.list(ctx, []string{"q.word", "count(*)"},
		"from (select "+source+" as word "+p.from()+") as q group by q.word order by count(*) desc, q.word limit 200")
	var words []StatusWord
	for _, row := range rows {
		if row[0] != nil {
			n, _ := strconv.ParseInt(*row[1], 10, 64)
			words = append(words, StatusWord{Word: *row[0], Rows: n})
		}
	}
	return words, err
}

// readRows reads the newest rows: all columns that can have a role, and the chosen expressions.
func (p *proposer) readRows(ctx context.Context) error {
	t := &p.m.Table
	columns, keys := []string{"extract(epoch from now())"}, []string{""}
	add := func(f Field, isTime bool) {
		text := source(f)
		if slices.Contains(keys, text) {
			return
		}
		keys = append(keys, text)
		if isTime {
			text = "extract(epoch from " + text + ")"
		}
		columns = append(columns, text)
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if slices.ContainsFunc(Roles, func(r Role) bool { return t.rank(r, c) >= 0 }) {
			add(Field{Column: c}, strings.HasPrefix(c.Base, "timestamp") || c.Base == "interval")
		}
	}
	for r, f := range p.m.Fields {
		add(f, f.Column == nil && r == CreatedAt || f.Column != nil && strings.HasPrefix(f.Column.Base, "timestamp"))
	}
	order := ""
	if f, known := p.m.Fields[CreatedAt]; known {
		order = " order by " + source(f) + " desc nulls last"
	} else if some, _ := t.candidates(CreatedAt); len(some) > 0 {
		order = " order by " + source(Field{Column: some[0]}) + " desc nulls last"
	}
	rows, err := p.list(ctx, columns, p.from()+order+" limit "+strconv.Itoa(sampleRows))
	for _, row := range rows {
		p.now, _ = strconv.ParseFloat(*row[0], 64)
		values := make(map[string]string)
		for i, v := range row {
			if v != nil {
				values[keys[i]] = *v
			}
		}
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
func (p *proposer) typeOf(ctx context.Context, flag, expression string) (name string, err error) {
	text := "select (" + expression + ") as value from " + p.m.Table.sql() + " as p limit 0"
	err = p.conn.Read(ctx, func(tx *sqlx.Tx) error {
		rows, err := tx.QueryContext(ctx, text)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		var types []*stdsql.ColumnType
		if types, err = rows.ColumnTypes(); err == nil {
			name = types[0].DatabaseTypeName()
		}
		return err
	})
	if err != nil {
		return "", db.Errorf("%s: neither a column of %s nor an SQL expression that can be used: %v; the columns are %s", flag, &p.m.Table, p.conn.WrapError(ctx, err), p.columnNames())
	}
	return name, nil
}

func (p *proposer) columnNames() string {
	var names []string
	for _, c := range p.m.Table.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// where names a role's column and table in a sentence.
func (p *proposer) where(r Role) string {
	if f := p.m.Fields[r]; f.Column != nil {
		return fmt.Sprintf("column %s of %s", f.Column.Name, &p.m.Table)
	}
	return fmt.Sprintf("%s of %s", r, &p.m.Table)
}

var (
	typeColumn = regexp.MustCompile(`^(?:(?:payment|transaction|order|operation)_)?(?:type|kind|direction|operation|flow|тип|вид)$`)
	payinValue = regexp.MustCompile(`^(?:pay_?in|deposit|top_?up|in|incoming|income|replenish(?:ment)?|пополнение|приход|ввод)s?$`)
	otherValue = regexp.MustCompile(`^(?:pay_?out|withdraw(?:al)?|out|outgoing|refund|chargeback|transfer|вывод|выплата|возврат|расход)s?$`)
	psColumn   = regexp.MustCompile(`^(?:payment_)?(?:provider|gateway|psp|acquirer)(?:_(?:name|code|id))?$`)
	hhValue    = regexp.MustCompile(`high_?help|^hh$`)
)

// filters finds columns that separate HighHelp's payins from other rows, such as payouts or another provider's payins.
func (p *proposer) filters(ctx context.Context) error {
	if p.c.Where != "" {
		if p.c.Where == None {
			return nil
		}
		p.and("(" + p.c.Where + ")")
		_, err := p.typeOf(ctx, "--where "+p.c.Where, p.c.Where)
		return err
	}
	for i := range p.m.Table.Columns {
		c := &p.m.Table.Columns[i]
		isType, isProvider := typeColumn.MatchString(plain(c.Name)), psColumn.MatchString(plain(c.Name))
		f := fieldOf(c)
		if !isType && !isProvider || !c.isText() && len(c.Enum) == 0 && f.Lookup == nil {
			continue
		}
		words, err := p.count(ctx, source(f))
		if err != nil {
			return err
		}
		var wanted []string
		unknown, others := 0, 0
		for _, w := range words {
			switch v := plain(w.Word); {
			case isType && payinValue.MatchString(v), isProvider && hhValue.MatchString(v):
				wanted = append(wanted, pq.QuoteLiteral(w.Word))
			case isType && otherValue.MatchString(v), isProvider && len(words) > 1:
				others++
			default:
				unknown++
			}
		}
		if others == 0 {
			continue
		}
		q := Question{Text: fmt.Sprintf("Which rows of %s are payins through HighHelp?", &p.m.Table), Flag: "where",
			Evidence: fmt.Sprintf("column %s has %s, such as %q", c.Name, plural(int64(len(words)), "value", "values"), words[0].Word)}
		if len(wanted) > 0 {
			q.Proposal = fmt.Sprintf("cast(%s as text) in (%s)", source(f), strings.Join(wanted, ", "))
			if q.Certain = unknown == 0; q.Certain {
				p.and(q.Proposal)
			}
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
