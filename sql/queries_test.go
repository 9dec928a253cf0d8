package sql

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// queryFolders returns the folders of all queries.
func queryFolders(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("*/queries")
	if err != nil {
		t.Fatal(err)
	}
	return append(folders, "queries")
}

// readQueries returns the text of each query file in a folder, by file name.
func readQueries(t *testing.T, folder string) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		texts[strings.TrimPrefix(filepath.ToSlash(file), folder+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// safeQuery matches a comment that says why a query is safe.
var safeQuery = regexp.MustCompile(`is safe|only reads?\b`)

// Each query file is loaded, and begins with a comment that says why the query is safe.
func TestQueryFiles(t *testing.T) {
	t.Parallel()
	for _, folder := range queryFolders(t) {
		texts := readQueries(t, folder)
		for file, text := range texts {
			comment := regexp.MustCompile(`^(--.*\n)+`).FindString(text)
			if !safeQuery.MatchString(comment) {
				t.Errorf("%s/%s does not begin with a comment that says why it is safe", folder, file)
			}
			name, ending, _ := strings.Cut(file, ".")
			if _, both := texts[name+".sql"]; !slices.Contains([]string{"sql", "postgres.sql", "sqlite.sql"}, ending) ||
				both && ending != "sql" {
				t.Errorf("%s/%s is never read", folder, file)
			}
		}
	}
}

// Each query that a source names has a file. Each file is named in a source, or another query includes the file.
func TestQueriesAreUsed(t *testing.T) {
	t.Parallel()
	for _, folder := range queryFolders(t) {
		files := make(map[string]bool)
		texts := readQueries(t, folder)
		for file := range texts {
			name, _, _ := strings.Cut(file, ".")
			files[name] = true
		}
		used := usedQueries(t, filepath.Dir(folder))
		if folder == "queries" {
			all := strings.Join(slices.Collect(maps.Values(texts)), "")
			for _, name := range fragments {
				used[name] = true
				if !strings.Contains(all, ":"+path.Base(name)) {
					t.Errorf("no file of %s includes :%s", folder, path.Base(name))
				}
			}
		}
		if diff := cmp.Diff(files, used); diff != "" {
			t.Errorf("%s: unused files (-) and missing files (+):\n%s", folder, diff)
		}
	}
}

// usedQueries returns the names of the queries in a package's sources.
func usedQueries(t *testing.T, folder string) map[string]bool {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	used := make(map[string]bool)
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\bquery\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
			name, err := strconv.Unquote(m[1])
			if err != nil {
				t.Errorf("%s: the name in %s must be a constant, for this test", file, m[0])
			}
			used[name] = true
		}
	}
	return used
}

func TestMissingQueryFile(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := recover(); got != "there is no file for the query run/none" {
			t.Errorf("%v", got)
		}
	}()
	query("run/none")
}
