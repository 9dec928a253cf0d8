package mapping_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/mapping"
	"hhrecon/sql/sqltest"
)

var update = flag.Bool("update", false, "write the mappings into testdata")

// Each file of testdata contains statements that create a merchant's tables, the flags, and HighHelp's answers. It also
// contains the expected mapping, with the questions that a person must answer.
func TestPropose(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := make(map[string]string)
			for _, part := range archive.Files {
				parts[part.Name] = string(part.Data)
			}
			got := propose(t, parts)
			if *update {
				last := &archive.Files[len(archive.Files)-1]
				last.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(parts["want"], got); diff != "" {
				t.Errorf("mapping (-want +got):\n%s", diff)
			}
		})
	}
}

// propose creates the tables of a test in a new database, and describes the mapping and the open questions.
func propose(t *testing.T, parts map[string]string) string {
	t.Helper()
	url := sqltest.EmptyPostgresURL(t)
	sqltest.DB(t, url).MustExec(parts["create.sql"])
	conn, err := db.Open(url, slog.New(slog.DiscardHandler), func(error) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s, err := mapping.Inspect(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	var c mapping.Choices
	for name := range strings.Lines(parts["flags"]) {
		name, value, _ := strings.Cut(strings.TrimSpace(name), "=")
		if err := c.Set(name, value); err != nil {
			return fmt.Sprintf("error: %v\n", err)
		}
	}
	if ask := strings.TrimSuffix(parts["ask"], "\n"); ask != "" {
		prefix, factor, _ := strings.Cut(ask, " ")
		c.Ask = answers(prefix, factor)
	}
	m, questions, err := mapping.Propose(t.Context(), conn, s, c)
	if err != nil {
		return fmt.Sprintf("error: %v\n", err)
	}
	return describe(m, questions)
}

// answers returns a simulated HighHelp that knows payins with the ids prefix + n. The amount of payin n is n times
// factor. Payin n expires 600 seconds after n minutes before 2026-01-02 00:00 UTC.
func answers(prefix, factor string) func(context.Context, string, string) reconcile.Answer {
	return func(_ context.Context, project, id string) reconcile.Answer {
		n, err := strconv.ParseInt(strings.TrimPrefix(id, prefix), 10, 64)
		if err != nil || !strings.HasPrefix(id, prefix) || project == "" {
			return reconcile.Answer{Result: reconcile.ResultNotFound}
		}
		times, _ := strconv.ParseFloat(factor, 64)
		info := &highhelp.PaymentInfo{InitialAmount: int64(float64(n) * times), Currency: "KGS", Lifetime: 600,
			ExpirationDate: 1767312000 - n*60 + 600}
		return reconcile.Answer{Result: reconcile.ResultAnswered, Info: &highhelp.PayinInfo{PaymentInfo: info}}
	}
}

var clock = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)

func describe(m *mapping.Mapping, questions []mapping.Question) string {
	var b strings.Builder
	if m != nil {
		fmt.Fprintf(&b, "table: %s\nunit: %s\nzone: %s\ncurrency: %s\nprojects: %s\nlive: %s\n",
			&m.Table, m.Unit, m.Zone, m.Currency, strings.Join(m.Projects, " "), m.Live)
		for _, r := range mapping.Roles {
			f, ok := m.Fields[r]
			switch {
			case !ok:
				continue
			case f.Column == nil:
				fmt.Fprintf(&b, "%s: expression %s\n", r, f.Expression)
			case f.Lookup != nil:
				fmt.Fprintf(&b, "%s: %s (%s.%s)\n", r, f.Column.Name, f.Lookup.Table, f.Lookup.Name)
			default:
				fmt.Fprintf(&b, "%s: %s\n", r, f.Column.Name)
			}
		}
		words := make(map[string][]string)
		for _, w := range m.Statuses {
			words[w.Status] = append(words[w.Status], w.Word)
		}
		for _, status := range slices.Sorted(maps.Keys(words)) {
			slices.Sort(words[status])
			fmt.Fprintf(&b, "%s means: %s\n", status, strings.Join(words[status], ", "))
		}
		for _, status := range slices.Sorted(maps.Keys(m.Words)) {
			fmt.Fprintf(&b, "%s is written: %s\n", status, m.Words[status])
		}
	}
	for _, q := range questions {
		if !q.Certain {
			fmt.Fprintf(&b, "question: %s %s\n  %s\n", q.Text, q.Example(), clock.ReplaceAllString(q.Evidence, "CLOCK"))
		}
	}
	return strings.ReplaceAll(b.String(), ": \n", ":\n")
}
