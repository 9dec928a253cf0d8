package mapping

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/lib/pq"
	"go.yaml.in/yaml/v4"

	"hhrecon/sql/audit"
	"hhrecon/sql/db"
)

// Project is a project of schedules.yaml.
type Project struct {
	ID, Name, KeyFile string
}

// Setup is what the files need in addition to the mapping.
type Setup struct {
	Projects []Project // in the order of schedules.yaml
	Timezone string    // of schedules.yaml, such as Asia/Bishkek
	User     string    // the database user that runs hhrecon; the user's name with _owner owns hhrecon's tables
	SQLDir   string    // the value of HHRECON_SQL_DIR for the folder sql
	Decided  []string  // one sentence for each decision and its evidence, for README.md
}

// LargeTable is the number of rows from which hhrecon's queries need indexes.
const LargeTable = 10_000

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"quote": strconv.Quote,
	"line":  oneLine,
}).ParseFS(templateFiles, "templates/*"))

// files lists the paths of the files, in the order in which they are rendered. The queries come first, because the
// grants contain the columns that they use.
var files = []string{"sql/open_payins.sql", "sql/final_payins.sql", "sql/correct_payins.sql", "sql/payin_statuses.sql",
	"schedules.yaml", "env", "grants_owner.sql", "grants_runtime.sql", "index.sql", "README.md"}

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
	all := make(map[string][]byte, len(files)+1)
	hashes := make(map[string]string, len(files))
	for _, path := range files {
		if path == "index.sql" && !r.NeedsIndex() {
			continue
		}
		text, err := r.execute(path[strings.LastIndexByte(path, '/')+1:])
		if err != nil {
			return nil, err
		}
		all[path] = []byte(text)
		sum := sha256.Sum256(all[path])
		hashes[path] = hex.EncodeToString(sum[:])
	}
	all["mapping.yaml"], err = m.decisions(hashes)
	return all, err
}

func (r *renderer) execute(name string) (string, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, name, r)
	return b.String(), err
}

// check returns an error if the queries cannot be rendered.
func (m *Mapping) check() error {
	table := m.Table.Schema + "." + m.Table.Name
	for _, role := range []Role{PaymentID, Amount, Status, CreatedAt} {
		if _, ok := m.Fields[role]; !ok {
			return db.Errorf("table %s: no column is known for %s: set --column %s=COLUMN", table, role, role)
		}
	}
	for _, role := range []Role{Status, SubStatus, SettledAmount, UpdatedAt} {
		if f, ok := m.Fields[role]; ok && f.Column == nil {
			return db.Errorf("table %s: corrections write %s, so it needs a column: set --column %s=COLUMN", table, role, role)
		}
	}
	for _, f := range m.Fields {
		if m.Zone == "" && f.Column != nil && (f.Column.Base == "timestamp" || f.Column.Base == "date") {
			return db.Errorf("table %s: the times of column %s have no time zone: set --timezone ZONE", table, f.Column.Name)
		}
	}
	for _, status := range provider {
		if m.Words[status] == "" {
			return db.Errorf("table %s: no word is known for HighHelp's %s: set --status WORD=%s", table, status, status)
		}
	}
	_, project := m.Fields[ProjectID]
	_, currency := m.Fields[Currency]
	switch {
	case !project && len(m.Projects) != 1:
		return db.Errorf("table %s: no column is known for project_id, but there are %d projects: set --column "+
			"project_id=COLUMN", table, len(m.Projects))
	case !currency && m.Currency == "":
		return db.Errorf("table %s: no column is known for currency: set --column currency=COLUMN", table)
	case m.Xmin && m.Table.Kind == "view":
		return db.Errorf("%s is a view, and views have no xmin: omit --xmin, or name a table with --table", table)
	}
	return nil
}

// NeedsIndex reports whether the table is so large that hhrecon's queries need indexes.
func (r *renderer) NeedsIndex() bool {
	return r.Mapping.Table.Rows >= LargeTable && r.Mapping.Table.Kind != "view"
}

// LargeTable returns the constant for README.md.
func (*renderer) LargeTable() int { return LargeTable }

// CreateIndex returns the statement that creates an index.
func (r *renderer) CreateIndex(name, columns string) string {
	concurrently := "concurrently "
	if r.Mapping.Table.Kind == "partitioned table" {
		concurrently = ""
	}
	return fmt.Sprintf("create index %sif not exists %s\n  on %s (%s)", concurrently,
		ident("hhrecon_"+name+"_"+r.Mapping.Table.Name), r.Table(), columns)
}

// OpenIndex returns the columns of the index for open_payins.sql.
func (r *renderer) OpenIndex() string {
	var columns []string
	for _, role := range []Role{ProjectID, Status, CreatedAt} {
		if c := r.Fields[role].Column; c != nil {
			columns = append(columns, ident(c.Name))
		}
	}
	return strings.Join(columns, ", ")
}

// KeyIndex returns the column or expression of the index for reading one payin, or "" if the table has such an index.
func (r *renderer) KeyIndex() string {
	f := r.Fields[PaymentID]
	switch base := r.base(PaymentID); {
	case f.Lookup != nil:
		return ""
	case base != "text" && base != "varchar":
		unqualified := &renderer{Mapping: r.Mapping}
		return "(" + unqualified.Read(PaymentID) + ")"
	case !f.Column.Unique:
		return ident(f.Column.Name)
	}
	return ""
}

// Rights returns the statements that give the user the rights on the merchant's tables.
func (r *renderer) Rights() []string {
	list := func(names []string) string {
		return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
	}
	user := pq.QuoteIdentifier(r.User)
	schemas := []string{ident(r.Mapping.Table.Schema)}
	rights := []string{fmt.Sprintf("GRANT SELECT (%s),\n  UPDATE (%s)\n  ON %s TO %s", list(r.reads), list(r.writes), r.Table(), user)}
	for _, l := range r.lookups {
		schemas = append(schemas, ident(l.Schema))
		rights = append(rights, fmt.Sprintf("GRANT SELECT (%s, %s) ON %s.%s TO %s", ident(l.Key), ident(l.Name), ident(l.Schema),
			ident(l.Table), user))
	}
	slices.Sort(rights[1:])
	return append([]string{"GRANT USAGE ON SCHEMA " + list(schemas) + " TO " + user}, slices.Compact(rights)...)
}

// provider lists HighHelp's statuses.
var provider = []string{"processing", "dispute", "error", "success", "decline"}

// StatusMap returns the words for HighHelp's statuses as YAML.
func (r *renderer) StatusMap() string {
	words := make([]string, len(provider))
	for i, status := range provider {
		words[i] = status + ": " + strconv.Quote(r.Words[status])
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// words returns the words with one of the given statuses as a YAML list, or "" if there are none.
func (r *renderer) words(keep func(StatusWord) bool) string {
	var words []string
	for _, s := range r.Statuses {
		if keep(s) {
			words = append(words, strconv.Quote(s.Word))
		}
	}
	if words == nil {
		return ""
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// OpenWords returns the words of open payins as YAML.
func (r *renderer) OpenWords() string {
	return cmp.Or(r.words(func(s StatusWord) bool {
		return !slices.Contains([]string{"success", "decline", "ignore"}, s.Status)
	}), "[]")
}

// FinalWords returns the words of final payins that corrections do not write, as YAML, or "" if there are none.
func (r *renderer) FinalWords() string {
	var lists []string
	for _, status := range []string{"success", "decline"} {
		if l := r.words(func(s StatusWord) bool { return s.Status == status && !r.IsWritten(s) }); l != "" {
			lists = append(lists, status+": "+l)
		}
	}
	if lists == nil {
		return ""
	}
	return "{" + strings.Join(lists, ", ") + "}"
}

// IsWritten reports whether corrections write a word.
func (r *renderer) IsWritten(s StatusWord) bool {
	return slices.ContainsFunc(provider, func(status string) bool { return r.Words[status] == s.Word })
}

// Ignored returns the words that are not counted, as SQL, or "" if there are none.
func (r *renderer) Ignored() string {
	var words []string
	for _, s := range r.Statuses {
		if s.Status == "ignore" {
			words = append(words, pq.QuoteLiteral(s.Word))
		}
	}
	return strings.Join(words, ", ")
}

// Roles returns all roles for README.md.
func (*renderer) Roles() []Role { return Roles }

// Cell returns how a role is read, for a table in README.md.
func (r *renderer) Cell(role Role) string { return "`" + oneLine(r.Read(role)) + "`" }

func oneLine(sql string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(sql), " "), "|", `\|`)
}

// decisions returns mapping.yaml, with the hash of each file.
func (m *Mapping) decisions(hashes map[string]string) ([]byte, error) {
	columns := make(map[Role]string, len(m.Fields))
	for role, f := range m.Fields {
		columns[role] = f.Expression
		if f.Column != nil {
			columns[role] = f.Column.Name
		}
	}
	statuses := make(map[string]string, len(m.Statuses))
	for _, s := range m.Statuses {
		statuses[s.Word] = s.Status
	}
	return yaml.Marshal(struct {
		Table    string            `yaml:"table"`
		Columns  map[Role]string   `yaml:"columns"`
		Unit     Unit              `yaml:"unit"`
		Timezone string            `yaml:"timezone,omitempty"`
		Currency string            `yaml:"currency,omitempty"`
		Projects []string          `yaml:"projects"`
		Live     string            `yaml:"live,omitempty"`
		Statuses map[string]string `yaml:"statuses"`
		Words    map[string]string `yaml:"words"`
		Xmin     bool              `yaml:"xmin,omitempty"`
		Files    map[string]string `yaml:"files"`
	}{m.Table.Schema + "." + m.Table.Name, columns, m.Unit, m.Zone, m.Currency, m.Projects, m.Live, statuses, m.Words, m.Xmin, hashes})
}
