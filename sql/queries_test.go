package sql

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hhrecon/sql/alert"
	"hhrecon/sql/approval"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
	"hhrecon/sql/delivery"
	"hhrecon/sql/hold"
	"hhrecon/sql/identity"
	"hhrecon/sql/lease"
	"hhrecon/sql/merchant"
	"hhrecon/sql/personal"
	"hhrecon/sql/queue"
	"hhrecon/sql/schedule"
	"hhrecon/sql/schema"
	"hhrecon/sql/support"
	"hhrecon/sql/user"
)

// Each query file is loaded once, is used, and has a first comment that says why it is safe.
func TestQueryFiles(t *testing.T) {
	t.Parallel()
	for folder, queries := range map[string]*db.Queries{
		"queries": files, "hold/queries": hold.Files, "user/queries": user.Files, "schema/queries": schema.Files,
		"schedule/queries": schedule.Files, "alert/queries": alert.Files, "audit/queries": audit.Files,
		"personal/queries": personal.Files, "support/queries": support.Files,
		"delivery/queries": delivery.Files, "approval/queries": approval.Files,
		"identity/queries": identity.Files, "merchant/queries": merchant.Files,
		"lease/queries": lease.Files, "queue/queries": queue.Files,
	} {
		testQueryFiles(t, folder, queries)
	}
}

func testQueryFiles(t *testing.T, folder string, queries *db.Queries) {
	t.Helper()
	endings := make(map[string][]string) // by name
	texts := ""
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		comment := regexp.MustCompile(`^(--.*\n)+`).FindString(string(text))
		if !strings.Contains(comment, "Safe") {
			t.Errorf("%s does not begin with a comment that says why it is safe", file)
		}
		name, ending, _ := strings.Cut(strings.TrimPrefix(filepath.ToSlash(file), folder+"/"), ".")
		endings[name] = append(endings[name], ending)
		texts += string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, some := range endings {
		if queries.Loaded[name] != 1 {
			t.Errorf("%s/%s is loaded %d times", folder, name, queries.Loaded[name])
		}
		switch all := strings.Join(some, " "); all {
		case "sql", "postgres.sql", "sqlite.sql", "postgres.sql sqlite.sql":
		default:
			t.Errorf("%s/%s: one of the files %s is never read", folder, name, all)
		}
	}
	for name := range queries.Fragments {
		if !strings.Contains(texts, ":"+name) {
			t.Errorf(":%s stands in no file of %s", name, folder)
		}
	}
	if len(queries.Loaded) != len(endings) {
		t.Errorf("%s: %d names are loaded, of %d", folder, len(queries.Loaded), len(endings))
	}
}

// Each variable of queries.go is used in another file.
func TestQueriesAreUsed(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var queries string
	words := make(map[string]bool)
	word := regexp.MustCompile(`\w+`)
	for _, file := range sources {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case file == "queries.go":
			queries = string(text)
		case !strings.HasSuffix(file, "_test.go"):
			for _, w := range word.FindAllString(string(text), -1) {
				words[w] = true
			}
		}
	}
	for _, found := range regexp.MustCompile(`(\w+) += load\(`).FindAllStringSubmatch(queries, -1) {
		if !words[found[1]] {
			t.Errorf("%s is not used", found[1])
		}
	}
}

// This test changes loaded, so it runs before the parallel tests.
func TestMissingQueryFile(t *testing.T) {
	defer func() {
		if got := recover(); got != "there is no file for the query run/none" {
			t.Errorf("%v", got)
		}
	}()
	defer delete(files.Loaded, "run/none")
	load("run/none")
}
