package mapping_test

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/db"
	"hhrecon/sql/mapping"
	"hhrecon/sql/sqltest"
)

// create creates the table of an example with rows of all statuses.
func (e *example) create(t *testing.T, root *sqltest.Database) {
	t.Helper()
	columns, values := []string{}, maps.Clone(plainValues)
	maps.Copy(values, e.values)
	add := func(name, of string) {
		if of != "" {
			columns = append(columns, name+" "+of)
		}
	}
	left := maps.Clone(e.columns)
	for _, c := range plainColumns {
		name, of, _ := strings.Cut(c, " ")
		if changed, ok := e.columns[name]; ok {
			of = changed
			delete(left, name)
		}
		add(name, of)
	}
	for name, of := range left {
		add(name, of)
	}
	var into, from []string
	for _, c := range columns {
		name, _, _ := strings.Cut(c, " ")
		if values[name] != "" {
			into, from = append(into, name), append(from, values[name])
		}
	}
	table := e.table
	if table == "" {
		table = "orders"
	}
	insert := "insert into " + table + " (" + strings.Join(into, ", ") + ") select " + strings.Join(from, ", ") +
		" from generate_series(1, 20000) as n"
	// One payin in fifty is open.
	word := "case when n % 50 = 0 then (array['new', 'pending', 'dispute', 'error'])[n / 50 % 4 + 1] " +
		"else (array['paid', 'done', 'declined', 'refunded'])[n % 4 + 1] end"
	root.MustExec(e.prepare)
	root.MustExec("create table " + table + " (" + strings.Join(columns, ", ") + ") " + e.partition)
	root.MustExec(e.after)
	root.MustExec(strings.ReplaceAll(insert, "W", word))
	root.MustExec("analyze " + table)
}

// rendered is an example whose files are in a folder, with the projects of schedules.yaml.
type rendered struct {
	dir      string
	files    map[string][]byte
	projects []reconcile.Project
	store    *sql.Store // with the rights of the user
	root     *sqltest.Database
}

func (e *example) render(t *testing.T) *rendered {
	t.Helper()
	address := sqltest.PostgresURL(t)
	r := &rendered{dir: t.TempDir(), root: sqltest.DB(t, address)}
	e.create(t, r.root)
	m := plain()
	if e.change != nil {
		e.change(&m)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	user := "m" + strings.TrimPrefix(u.Path, "/hhrecon_test")
	s := mapping.Setup{Timezone: "Asia/Bishkek", User: user, SQLDir: "sql", Decided: []string{"A sentence."}}
	for _, id := range m.Projects {
		s.Projects = append(s.Projects, mapping.Project{ID: id, Name: "shop " + id[:2], KeyFile: "keys/" + id[:2] + ".pem"})
	}
	if r.files, err = m.Files(s); err != nil {
		t.Fatal(err)
	}
	for path, text := range r.files {
		file := filepath.Join(r.dir, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		both := user + ", " + user + "_owner"
		sqltest.DB(t, address).MustExec("drop owned by " + both + " cascade; drop role " + both)
	})
	for _, file := range []string{"grants_owner.sql", "grants_runtime.sql"} {
		r.root.MustExec(string(r.files[file]))
	}
	for _, statement := range strings.Split(string(r.files["index.sql"]), ";") {
		r.root.MustExec(statement)
	}
	u.User = url.User(user)
	r.store = sqltest.OpenWith(t, u.String(), sql.Options{SQLDir: filepath.Join(r.dir, "sql")})
	for _, id := range m.Projects {
		p := reconcile.DefaultProject(id)
		p.StatusMap = m.Words
		for _, s := range m.Statuses {
			switch s.Status {
			case "success":
				p.Final.Success = append(p.Final.Success, s.Word)
			case "decline", "ignore":
			default:
				p.Open = append(p.Open, s.Word)
			}
		}
		r.projects = append(r.projects, p)
	}
	return r
}

// The rendered queries of each example pass ProveQueries for a user with only the rendered rights.
// The queries use indexes.
func TestFiles(t *testing.T) {
	t.Parallel()
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			r := e.render(t)
			if err := r.store.CheckQueries(t.Context(), r.projects...); err != nil {
				t.Fatal(err)
			}
			checks, err := r.store.ProveQueries(t.Context(), r.projects...)
			if err != nil {
				t.Fatal(err)
			}
			for i, check := range checks {
				if len(check.Faults) > 0 || !check.Unproved.IsZero() || len(check.Unstored)+len(check.Unknown) > 0 {
					t.Errorf("project %d: %+v", i, check)
				}
			}
			queries := ""
			for _, name := range []string{"open", "final", "correct"} {
				queries += string(r.files["sql/"+name+"_payins.sql"])
			}
			queries += string(r.files["sql/payin_statuses.sql"])
			for _, want := range e.wants {
				if !strings.Contains(queries, want) {
					t.Errorf("no %q in\n%s", want, queries)
				}
			}
			r.explain(t)
			if os.Getenv("SHOW") != "" {
				for _, path := range slices.Sorted(maps.Keys(r.files)) {
					t.Logf("== %s\n%s", path, r.files[path])
				}
			}
		})
	}
}

// explain checks that open_payins.sql for a day does not read the whole table, and that reading one payin does not.
func (r *rendered) explain(t *testing.T) {
	t.Helper()
	if r.files["index.sql"] == nil {
		return
	}
	text := string(r.files["sql/open_payins.sql"])
	now := time.Now()
	for _, where := range []string{"", " where q.payment_id = 'x'"} {
		st, err := db.Parse("open_payins.sql", "select * from ("+text+") as q"+where, db.Postgres)
		if err != nil {
			t.Fatal(err)
		}
		bound, values, err := st.Bind(db.Postgres, db.Args{"project_id": r.projects[0].ID,
			"from": db.FormatTime(now.Add(-24 * time.Hour)), "to": db.FormatTime(now),
			"open_statuses": db.Strings(r.projects[0].OpenStatuses())})
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		if err := r.root.Select(&plan, "explain (analyze) "+bound, values...); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(plan, "\n")
		if !strings.Contains(got, "Index") || regexp.MustCompile(`Seq Scan on ("Order"|orders)`).MatchString(got) {
			t.Errorf("plan%s:\n%s", where, got)
		}
	}
}

// Files refuses a mapping whose queries would be wrong, and names the flag that completes the mapping.
// TestForeignStatuses checks that correct_payins.sql writes open and final statuses of the table, but no ignored
// status.
func TestForeignStatuses(t *testing.T) {
	t.Parallel()
	m := plain()
	m.Statuses = []mapping.StatusWord{{Word: "paid", Status: "success"}, {Word: "void", Status: mapping.StatusIgnore}}
	files, err := m.Files(mapping.Setup{User: "hhrecon"})
	if err != nil || !strings.Contains(string(files["sql/correct_payins.sql"]), "and s.status_after in ('paid')\n") {
		t.Errorf("%v, %s", err, files["sql/correct_payins.sql"])
	}
}

func TestIncompleteMappings(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(m *table){
		"no column is known for amount: set --column amount=COLUMN":     func(m *table) { delete(m.Fields, "amount") },
		"no column is known for currency: set --column currency=COLUMN": func(m *table) { delete(m.Fields, "currency") },
		"no column is known for project_id: set --column project_id=COLUMN": func(m *table) {
			m.Projects = append(m.Projects, two)
		},
		"no word is known for HighHelp's dispute: set --status WORD=dispute": func(m *table) {
			delete(m.Words, "dispute")
		},
		"a view has no xmin: set --table to the name of a table, or omit --xmin": func(m *table) {
			m.Table.Kind, m.Xmin = "view", true
		},
	} {
		m := plain()
		change(&m)
		if _, err := m.Files(mapping.Setup{User: "hhrecon"}); err == nil || err.Error() != "public.orders: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for want, change := range map[string]func(m *table){
		`table "public.orders\nx": the name "orders\nx" has a line break`: func(m *table) { m.Table.Name = "orders\nx" },
		`table "a\rb.orders": the name "a\rb" has a line break`:           func(m *table) { m.Table.Schema = "a\rb" },
		`table "public.orders": the name "no\u2028te" has a line break`: func(m *table) {
			m.Fields["sub_status"] = col("no\u2028te", "text")
		},
		`table "public.orders": the name "ke\ny" has a line break`: func(m *table) {
			m.Fields["status"] = keyed("s", "bigint", mapping.Lookup{Schema: "public", Table: "t", Key: "ke\ny", Name: "n"})
		},
		`table "public.orders": the status "void\nselect 1" has a line break`: func(m *table) {
			m.Statuses = append(m.Statuses, mapping.StatusWord{Word: "void\nselect 1", Status: "ignore"})
		},
	} {
		m := plain()
		change(&m)
		if _, err := m.Files(mapping.Setup{User: "hhrecon"}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	m := plain()
	if _, err := m.Files(mapping.Setup{User: "Robert'); --"}); err == nil {
		t.Error("a name of a database user that is not valid")
	}
}
