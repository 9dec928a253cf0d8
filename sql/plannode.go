package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// planNode is a node of PostgreSQL's plan, as far as an index goes.
type planNode struct {
	Type      string     `json:"Node Type"`
	Schema    string     `json:"Schema"`
	Relation  string     `json:"Relation Name"`
	Alias     string     `json:"Alias"`
	Rows      float64    `json:"Plan Rows"`
	Filter    string     `json:"Filter"`
	Join      string     `json:"Join Filter"`
	Recheck   string     `json:"Recheck Cond"`
	IndexCond string     `json:"Index Cond"`
	Plans     []planNode `json:"Plans"`
}

// planScan is a table that a plan reads, with all conditions that stand above it.
type planScan struct {
	node       *planNode
	conditions string
}

// scans lists the tables of the merchant's that a plan reads.
func (n *planNode) scans(above string) []planScan {
	conditions := strings.Join([]string{above, n.Filter, n.Join, n.Recheck, n.IndexCond}, " AND ")
	var found []planScan
	if (n.Type == "Seq Scan" || n.Type == "Bitmap Heap Scan") && !strings.HasPrefix(n.Relation, "hhrecon_") {
		found = append(found, planScan{n, conditions})
	}
	for i := range n.Plans {
		found = append(found, n.Plans[i].scans(conditions)...)
	}
	return found
}

// read is how many rows the indexes below a node find.
func (n *planNode) read() float64 {
	switch n.Type {
	case "Bitmap Index Scan":
		return n.Rows
	case "BitmapAnd":
		least := n.Plans[0].read()
		for i := range n.Plans {
			least = min(least, n.Plans[i].read())
		}
		return least
	}
	var all float64
	for i := range n.Plans {
		all += n.Plans[i].read()
	}
	return all
}

// planTable is a table of the merchant's.
type planTable struct {
	Name        string         `db:"name"`
	Rows        int64          `db:"rows"`
	Partitioned bool           `db:"partitioned"`
	Columns     pq.StringArray `db:"columns"` // each with its type
	Indexes     pq.StringArray `db:"indexes"` // their columns, with a blank round each
}

func (s *Store) tableOf(ctx context.Context, tx *sqlx.Tx, n *planNode) (*planTable, error) {
	var t planTable
	err := s.get(ctx, tx, &t, planTableQuery.postgres, args{"schema": n.Schema, "name": n.Relation})
	if errors.Is(err, stdsql.ErrNoRows) { // of another session, or gone meanwhile
		err = nil
	}
	return &t, err
}

// has tells whether an index begins with these columns already.
func (t *planTable) has(columns []string) bool {
	begins := " " + strings.Join(columns, " ") + " "
	return slices.ContainsFunc(t.Indexes, func(i string) bool { return strings.HasPrefix(i, begins) })
}

// number tells the conditions that find a payin in correct_payins.sql from those that guard its row.
var number = regexp.MustCompile(`\.(payment_id|project_id)\b`)

// serving lists the columns that an index needs to serve a scan: those that are compared with one value, then with
// several, then with bounds. A column inside an expression is none of them; a lookup needs the first kind only.
func (t *planTable) serving(scan *planScan, lookup bool) []string {
	var one, several, bounds []string
	pieces := strings.Split(scan.conditions, " AND ")
	guarded := lookup && number.MatchString(strings.ReplaceAll(scan.conditions, scan.node.Alias+".", ""))
	for _, column := range t.Columns {
		name, kind, _ := strings.Cut(column, " ")
		quoted := pq.QuoteIdentifier(name)
		if regexp.MustCompile(`^[a-z_][a-z0-9_]*$`).MatchString(name) {
			quoted = name
		}
		cast := ""
		if kind == "varchar" || kind == "bpchar" {
			cast = `(?:\)::text)?`
		}
		mine := regexp.QuoteMeta(scan.node.Alias) + `\.` + regexp.QuoteMeta(quoted)
		compared := regexp.MustCompile(`^\(*` + mine + cast + ` (=|>=|<=|<|>) (ANY )?|\((?:[\w.]+) (=) ` + mine + `\)*$`)
		for _, piece := range pieces {
			m := compared.FindStringSubmatch(piece)
			switch {
			case m == nil, slices.Contains(one, quoted), slices.Contains(several, quoted), slices.Contains(bounds, quoted):
			case m[2] != "" && !lookup:
				several = append(several, quoted)
			case m[2] != "":
			case m[1] == "=" || m[3] == "=":
				if !guarded || strings.Contains(piece, "'") || number.MatchString(strings.ReplaceAll(piece, scan.node.Alias+".", "")) {
					one = append(one, quoted)
				}
			case !lookup:
				bounds = append(bounds, quoted)
			}
		}
	}
	if len(bounds) > 1 { // an index serves one pair of bounds
		bounds = bounds[:1]
	}
	return slices.Concat(one, several, bounds)
}
