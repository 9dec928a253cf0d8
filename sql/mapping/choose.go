package mapping

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hhrecon/sql/db"
)

// The words in the names of tables and schemas.
var (
	payinTable = []*regexp.Regexp{ // from 1 point
		regexp.MustCompile(`order|invoice|transaction|txn|bill|charge|purchase|заказ|zakaz|счет|schet|транзакц|заявк|zayavk|операц`),
		regexp.MustCompile(`payment|acquiring|платеж|оплат|platezh|oplat|төлөм|tolom`),
		regexp.MustCompile(`payin|pay_in|deposit|top_?up|replenish|пополнен|popoln`),
	}
	otherTable = regexp.MustCompile(`(?:^|_)(?:refunds?|payouts?|withdraw\w*|disburse\w*|audit|history|archived?|backup|bak|copy|` +
		`old|tmp|temp|test|staging|logs?|snapshots?|imports?|exports?|\d{4,}|возврат\pL*|выплат\pL*|вывод\pL*|архив|копия|` +
		`история|журнал|vozvrat\w*|vyplat\w*)(?:_|$)|(?:^|_)(?:items?|lines?|events?|webhooks?|callbacks?|notifications?|users?|` +
		`customers?|clients?|accounts?|wallets?|balances?|ledger|entry|entries|products?|carts?|coupons?|reports?|stats?|` +
		`versions?|changes|товары|позиции|пользователи)$`)
)

// candidate is a table that has a column for each necessary role.
type candidate struct {
	*Table
	score    int // higher for names of tables of payins, and for columns that only payins have
	unlikely bool
}

// candidates returns the tables that have columns for all necessary roles, and what the other tables lack.
func (s *Schema) candidates() (found []candidate, lacking []string) {
	for i := range s.Tables {
		t := &s.Tables[i]
		var missing []string
		for _, r := range []Role{Amount, Status, CreatedAt, PaymentID} {
			if columns, _ := t.candidates(r); len(columns) == 0 {
				missing = append(missing, string(r))
			}
		}
		c := candidate{Table: t, unlikely: otherTable.MatchString(plain(t.Name)) || otherTable.MatchString(plain(t.Schema))}
		if len(missing) == 1 && !c.unlikely {
			lacking = append(lacking, fmt.Sprintf("%s has no column for %s", t, missing[0]))
		}
		if len(missing) > 0 || !t.Updatable && t.Readable {
			continue
		}
		for points, name := range payinTable {
			if name.MatchString(plain(t.Name)) {
				c.score = points + 1
			}
		}
		for _, r := range []Role{SubStatus, SettledAmount, Lifetime} {
			if columns, _ := t.candidates(r); len(columns) > 0 {
				c.score++
			}
		}
		if _, ranks := t.candidates(PaymentID); ranks[0] <= 2 {
			c.score += 2 // an id of a gateway
		}
		found = append(found, c)
	}
	return found, lacking
}

// choose returns the chosen or only possible table, or a question.
func (s *Schema) choose(c Choices) (*Table, *Question, error) {
	found, lacking := s.candidates()
	if c.Table != "" {
		t, err := s.named(c.Table)
		return t, nil, err
	}
	q := &Question{Text: "Which table or view has the payins?", Flag: "table"}
	if len(found) == 0 {
		q.Evidence = "no table has columns for payment_id, amount, status and created_at with usual names"
		if len(lacking) > 0 {
			q.Evidence += ": " + strings.Join(lacking[:min(len(lacking), 5)], "; ")
		}
		for _, t := range s.Tables {
			q.Options = append(q.Options, t.String())
		}
		return nil, q, nil
	}
	found, filtered := s.withoutViews(found)
	if likely := slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return c.unlikely }); len(likely) > 0 {
		found = likely
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	best := found[0]
	q.Certain = !best.unlikely && best.score >= 1 && filtered == "" &&
		(len(found) == 1 || best.score >= found[1].score+2 && (best.Rows > 0 || best.Kind == "view"))
	q.Proposal = best.String()
	q.Evidence = "it has columns for payment_id, amount, status and created_at"
	for _, c := range found {
		q.Options = append(q.Options, c.String())
	}
	if len(found) > 1 {
		q.Evidence += fmt.Sprintf("; %s also has these columns", strings.Join(q.Options[1:], ", "))
	}
	if filtered != "" {
		q.Evidence += "; " + filtered
	}
	if !q.Certain {
		return nil, q, nil
	}
	return best.Table, q, best.readable(s.User)
}

// named finds a table by NAME or SCHEMA.NAME. Upper and lower case matter only if two names differ in nothing else.
func (s *Schema) named(name string) (*Table, error) {
	for _, equal := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		var found []*Table
		for i := range s.Tables {
			if t := &s.Tables[i]; equal(strings.ReplaceAll(name, `"`, ""), t.String()) || equal(name, t.Name) {
				found = append(found, t)
			}
		}
		switch {
		case len(found) > 1:
			return nil, db.Errorf("--table %s: %s and %s have this name; write the schema too, such as --table %[2]s",
				name, found[0], found[1])
		case len(found) == 1 && !found[0].Updatable && found[0].Readable:
			return nil, db.Errorf("--table %s: PostgreSQL cannot update rows of this view, so hhrecon cannot correct payins; "+
				"choose the table that the view reads", name)
		case len(found) == 1:
			return found[0], found[0].readable(s.User)
		}
	}
	return nil, db.Errorf("--table %s: the database has no such table or view; list the tables with: psql -c '\\d *.*'", name)
}

// readable returns an error with the remedy if the user may not read the table.
func (t *Table) readable(user string) error {
	if t.Readable {
		return nil
	}
	return db.Errorf("the user %s may not read the table %s; run this as the table's owner, and try again: "+
		"grant usage on schema %s to %[1]s; grant select on %s to %[1]s", quote(user), t, quote(t.Schema), t.sql())
}

// withoutViews omits each view if the table that it reads is a candidate too, and has all rows of the view except
// deleted ones. If a view has another condition, withoutViews keeps the view and describes the condition.
func (s *Schema) withoutViews(found []candidate) (rest []candidate, filtered string) {
	for _, v := range found {
		base := slices.IndexFunc(found, func(b candidate) bool { return slices.Contains(v.Over, b.OID) })
		if v.Kind != "view" || base < 0 || !found[base].Readable {
			rest = append(rest, v)
			continue
		}
		if condition := v.condition(); condition != "" && !slices.Contains(found[base].liveForms(), condition) {
			filtered = fmt.Sprintf("the view %s has only the rows of %s with: %s", v, found[base], condition)
			rest = append(rest, v)
		}
	}
	return rest, filtered
}

var (
	whereClause = regexp.MustCompile(`(?is)\swhere\s(.*?);?\s*$`)
	noise       = regexp.MustCompile(`[()";]|\b\w+\.`)
)

// condition returns the condition of a view's query without brackets, quotes and aliases.
func (t *Table) condition() string {
	m := whereClause.FindStringSubmatch(t.Definition)
	if m == nil {
		return ""
	}
	return strings.Join(strings.Fields(strings.ToLower(noise.ReplaceAllString(m[1], ""))), " ")
}

// liveColumn returns the column that marks deleted rows, or nil.
func (t *Table) liveColumn() *Column {
	for i := range t.Columns {
		c := &t.Columns[i]
		switch plain(c.Name) {
		case "deleted_at", "deleted_on", "deleted_date", "date_deleted", "deleted", "is_deleted", "удалено", "удален":
			if c.Base == "bool" || strings.Contains(times, c.Base) {
				return c
			}
		}
	}
	return nil
}

// liveForms returns the conditions that a view can have instead of the condition of live.
func (t *Table) liveForms() []string {
	c := t.liveColumn()
	if c == nil {
		return nil
	}
	name := strings.ToLower(c.Name)
	if c.Base == "bool" {
		return []string{"not " + name, name + " = false", name + " is not true", name + " is false"}
	}
	return []string{name + " is null"}
}

// live returns the SQL condition for rows that are not deleted, or "".
func (t *Table) live() string {
	switch c := t.liveColumn(); {
	case c == nil:
		return ""
	case c.Base == "bool":
		return quote(c.Name) + " is not true"
	default:
		return quote(c.Name) + " is null"
	}
}
