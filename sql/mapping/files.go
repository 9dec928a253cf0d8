package mapping

import (
	"bytes"
	"embed"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/lib/pq"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
)

// Project is a project of schedules.yaml.
type Project struct {
	ID, Name, KeyFile string
}

// Setup contains the data that the files need in addition to the mapping.
type Setup struct {
	Projects []Project // in the order of schedules.yaml
	Timezone string    // of schedules.yaml, such as Asia/Bishkek
	User     string    // the database user that runs hhrecon; the user's name with _owner owns hhrecon's tables
	SQLDir   string    // the value of HHRECON_SQL_DIR for the folder sql
	APIURL   string    // the value of HHRECON_API_URL; "" for HighHelp's address
	Decided  []string  // one sentence for each decision and its evidence, for README.md
}

// largeTable is the smallest number of rows for which hhrecon's queries need indexes.
const largeTable = 10_000

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"quote": strconv.Quote, "literal": pq.QuoteLiteral, "ident": ident,
	"roles": func() []Role { return Roles },
	"names": func(names []string) string {
		return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
	},
	"line": func(sql string) string { // in a table of README.md
		return strings.ReplaceAll(strings.Join(strings.Fields(sql), " "), "|", `\|`)
	},
}).ParseFS(templateFiles, "templates/*"))

// paths lists the files in the order in which they are rendered. The queries come first, because the grants contain the
// columns that the queries use.
var paths = []string{"sql/open_payins.sql", "sql/final_payins.sql", "sql/correct_payins.sql", "sql/payin_statuses.sql",
	"schedules.yaml", "env", "grants_owner.sql", "grants_runtime.sql", "index.sql", "README.md", "mapping.yaml"}

// Files renders the files of the folder: the keys are slash-separated paths, such as sql/open_payins.sql. It returns
// an error if the mapping lacks a role that every table needs, or a word for one of HighHelp's statuses.
func (m *Mapping) Files(s Setup) (map[string][]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	r := &renderer{Mapping: m, Setup: s, alias: "p."}
	var err error
	if r.OwnerGrants, r.RuntimeGrants, err = audit.OwnGrants(s.User); err != nil {
		return nil, err
	}
	all := make(map[string][]byte)
	for _, file := range paths {
		if file == "index.sql" && !r.NeedsIndex() {
			continue
		}
		text, err := r.execute(path.Base(file))
		if err != nil {
			return nil, err
		}
		all[file] = []byte(text)
	}
	return all, nil
}

func (r *renderer) execute(name string) (string, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, name, r)
	return b.String(), err
}

// check returns an error if the queries cannot be rendered. The error names the flag that completes the mapping.
func (m *Mapping) check() error {
	for _, role := range Roles {
		_, ok := m.Fields[role]
		ok = ok || role == Currency && m.Currency != "" || role == ProjectID && len(m.Projects) == 1
		if needed := without[role] == "" || role == Currency || role == ProjectID; needed && !ok {
			return db.Errorf("%s: no column is known for %s: set --column %[2]s=COLUMN", &m.Table, role)
		}
	}
	for _, status := range written {
		if m.Words[status] == "" {
			return db.Errorf("%s: no word is known for HighHelp's %s: set --status WORD=%[2]s", &m.Table, status)
		}
	}
	if m.Xmin && m.Table.Kind == "view" {
		return db.Errorf("%s: a view has no xmin: set --table to the name of a table, or omit --xmin", &m.Table)
	}
	return m.checkNames()
}

// checkNames returns an error if a name or a status contains a character that ends the line of a comment in the files.
func (m *Mapping) checkNames() error {
	names := []string{m.Table.Schema, m.Table.Name}
	for _, role := range Roles {
		f := m.Fields[role]
		if names = append(names, f.name()); f.Lookup != nil {
			names = append(names, f.Lookup.Schema, f.Lookup.Table, f.Lookup.Key, f.Lookup.Name)
		}
	}
	for _, name := range names {
		if err := reconcile.CheckNote(name); err != nil {
			return db.Errorf("table %q: the name %v, or choose a view with other names by --table", m.Table.String(), err)
		}
	}
	for _, s := range m.Statuses {
		if err := reconcile.CheckNote(s.Word); err != nil {
			return db.Errorf("table %q: the status %v from the rows, or omit the rows by --where", m.Table.String(), err)
		}
	}
	return nil
}

// NeedsIndex reports whether the table is so large that hhrecon's queries need indexes.
func (r *renderer) NeedsIndex() bool {
	return r.Mapping.Table.Rows >= largeTable && r.Mapping.Table.Kind != "view"
}

// Columns returns the columns of some roles, for an index.
func (r *renderer) Columns(roles ...Role) string {
	var columns []string
	for _, role := range roles {
		if c := r.Fields[role].Column; c != nil {
			columns = append(columns, ident(c.Name))
		}
	}
	return strings.Join(columns, ", ")
}

// KeyIndex returns the column or expression of the index for reading one payin, or "" if the table has such an index.
func (r *renderer) KeyIndex() string {
	f := r.Fields[PaymentID]
	if x := (&renderer{Mapping: r.Mapping}).Read(PaymentID); f.Lookup == nil && x != ident(f.name()) {
		return "(" + x + ")"
	}
	if f.Lookup != nil || f.Column.Unique {
		return ""
	}
	return ident(f.name())
}

// WordsOf returns the words of statuses. If further is true, it omits the words that corrections write.
func (r *renderer) WordsOf(further bool, statuses ...string) (words []string) {
	for _, s := range r.Statuses {
		if slices.Contains(statuses, s.Status) && (!further || !r.IsWritten(s.Word)) {
			words = append(words, s.Word)
		}
	}
	return words
}

// IsWritten reports whether corrections write a word.
func (r *renderer) IsWritten(word string) bool {
	return slices.Contains(slices.Collect(maps.Values(r.Words)), word)
}
