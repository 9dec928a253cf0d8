package mapping

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hhrecon/sql/db"
)

// candidate is a table that has a column for each necessary role.
type candidate struct {
	*Table
	name     int // rank of the table's name; a more usual name for payins has a higher rank
	score    int // name, plus points for columns that only a table of payins has
	unlikely bool
}

// candidates returns the tables that have columns for all necessary roles, and the missing columns of the other tables.
func (s *Schema) candidates() (found []candidate, lacking []string) {
	for i := range s.Tables {
		t := &s.Tables[i]
		var missing []string
		for _, r := range []Role{PaymentID, Amount, Status, CreatedAt} {
			if columns, _ := t.candidates(r); len(columns) == 0 {
				missing = append(missing, string(r))
			}
		}
		unlikely := match("other table", plain(t.Name)) >= 0 || match("other table", plain(t.Schema)) >= 0
		if len(missing) > 0 && len(missing) < 3 && !unlikely && (len(missing) == 1 || match("table", plain(t.Name)) >= 0) {
			lacking = append(lacking, fmt.Sprintf("; %s has no column for %s: if it has the payins, add --table %[1]s",
				t, strings.Join(missing, " and ")))
		}
		if len(missing) > 0 || !t.Updatable {
			continue
		}
		c := candidate{Table: t, unlikely: unlikely}
		for points, name := range patterns["table"] {
			if name.MatchString(plain(t.Name)) {
				c.name = points + 1
			}
		}
		c.score = c.name
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

// choose returns the table that the user has chosen, or the only probable table. Otherwise choose returns a question.
func (s *Schema) choose(c Choices) (*Table, *Question, error) {
	if c.Table != "" {
		t, err := s.named(c.Table)
		return t, nil, err
	}
	found, lacking := s.candidates()
	found, filtered := withoutViews(found)
	if likely := slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return c.unlikely }); len(likely) > 0 {
		found = likely
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	q := &Question{Text: "Which table or view has the payins?", Flag: "table"}
	for _, c := range found {
		q.Options = append(q.Options, c.String())
	}
	if len(found) == 0 {
		for i := range s.Tables {
			q.Options = append(q.Options, s.Tables[i].String())
		}
		q.Evidence = "no table has columns for payment_id, amount, status and created_at with common names and types" +
			strings.Join(lacking[:min(len(lacking), 5)], "") + "; for other types, write the queries: hhrecon help queries"
		return nil, q, nil
	}
	best := found[0]
	q.Proposal = best.String()
	q.Evidence = "columns for payment_id, amount, status and created_at are in " + strings.Join(q.Options, ", ") + filtered
	q.Certain = !best.unlikely && best.score > 0 && filtered == ""
	for _, other := range found[1:] {
		clear := best.score >= other.score+2 && best.name > other.name &&
			(best.Kind == "view" || best.Rows > 0 && best.Rows*10 >= other.Rows)
		q.Certain = q.Certain && clear
	}
	if !q.Certain {
		return nil, q, nil
	}
	return best.Table, q, best.usable(s.User)
}

// named finds a table by NAME or SCHEMA.NAME. Case matters only if two names differ only in case.
func (s *Schema) named(name string) (*Table, error) {
	name = strings.ReplaceAll(name, `"`, "")
	var found []*Table
	for i := range s.Tables {
		t := &s.Tables[i]
		if name == t.String() {
			return t, t.usable(s.User)
		}
		if strings.EqualFold(name, t.String()) || strings.EqualFold(name, t.Name) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 0:
		return nil, db.Errorf(`--table %s: there is no such table or view; psql lists the tables with \d *.*`, name)
	case 1:
		return found[0], found[0].usable(s.User)
	}
	return nil, db.Errorf("--table %s: two tables have this name: write --table %s or %s", name, found[0], found[1])
}

// usable returns an error if the user may not read the table, or if corrections cannot be written to a view.
func (t *Table) usable(user string) error {
	switch {
	case !t.Readable:
		return db.Errorf("the user %s may not read the table %s; run this SQL as the table's owner, and try again: "+
			"grant usage on schema %s to %[1]s; grant select on %[4]s to %[1]s", ident(user), t, ident(t.Schema), t.sql())
	case !t.Updatable:
		return db.Errorf("--table %s: PostgreSQL cannot update rows of this view, so corrections cannot be written; "+
			"choose the table that the view reads", t)
	}
	return nil
}

var (
	whereClause = regexp.MustCompile(`(?is)\swhere\s(.*?);?\s*$`)
	noise       = regexp.MustCompile(`[()";]|[\pL\pN_]+\.`)
)

// withoutViews omits each view if the table that it reads is a candidate too, and the view omits only deleted rows. If
// a view has another condition, withoutViews keeps both and describes the condition.
func withoutViews(found []candidate) (rest []candidate, filtered string) {
	for _, v := range found {
		base := slices.IndexFunc(found, func(b candidate) bool { return slices.Contains(v.Over, b.OID) })
		if base < 0 || !found[base].Readable {
			rest = append(rest, v)
			continue
		}
		where := whereClause.FindStringSubmatch(v.Definition)
		if where == nil {
			continue
		}
		condition := strings.Join(strings.Fields(strings.ToLower(noise.ReplaceAllString(where[1], ""))), " ")
		if column, _ := found[base].live(); column == "" || !slices.Contains([]string{column + " is null", "not " + column,
			column + " = false", column + " is not true", column + " is false"}, condition) {
			rest = append(rest, v)
			filtered = fmt.Sprintf("; the view %s contains only the rows of %s that match: %s", v, found[base], condition)
		}
	}
	return rest, filtered
}

// live returns the name of the column that marks deleted rows, in lower case, and the condition for the other rows.
func (t *Table) live() (column, condition string) {
	for _, c := range t.Columns {
		switch deleted := match("deleted", plain(c.Name)) >= 0; {
		case deleted && c.Base == "bool":
			return strings.ToLower(c.Name), ident(c.Name) + " is not true"
		case deleted && strings.HasPrefix(c.Base, "timestamp"):
			return strings.ToLower(c.Name), ident(c.Name) + " is null"
		}
	}
	return "", ""
}
