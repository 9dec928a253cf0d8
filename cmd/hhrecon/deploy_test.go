package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql/sqltest"
)

// deployFiles returns the files in deploy/ by path.
func deployFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, filepath.WalkDir("deploy", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(path)] = string(text)
		return err
	}))
	if len(files) < 10 {
		t.Fatalf("only %d files", len(files))
	}
	return files
}

// TestDeployMetrics checks that /metrics has every metric in the dashboard and the alert rules.
func TestDeployMetrics(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	s := newFixture(t, withAlerts, openPayins(3))
	url := sqltest.SQLiteURL(t)
	s.load(url)
	s.start(url, "run").wantStatus(exitOK)
	p, address := s.serve(url)
	if code := s.setPayinState("KG-000001", "success", 150000).post(t, address); code != 200 {
		t.Fatalf("got status %d", code)
	}
	waitForCount(t, p, sqltest.DB(t, url), 1, `select count(*) from hhrecon_alert where state = 'done'`)
	there := map[string]bool{"hhrecon_audit_log_holds": true} // appears 15 minutes after the start; see auditlog
	for series := range scrape(t, address) {
		name, _, _ := strings.Cut(series, "{")
		there[name] = true
	}
	words, looked := regexp.MustCompile(`\bhhrecon_[a-z_]+`), 0
	for path, text := range deployFiles(t) {
		if !strings.Contains(path, "/grafana/") && !strings.Contains(path, "/prometheus/") {
			continue
		}
		for _, name := range words.FindAllString(text, -1) {
			looked++
			if !there[name] {
				t.Errorf("%s: %s is not in /metrics", path, name)
			}
		}
	}
	if looked < 40 {
		t.Errorf("only %d names were checked", looked)
	}
}

// TestDeployVariables checks that the settings read every variable that the files in deploy/ set.
func TestDeployVariables(t *testing.T) {
	read := map[string]bool{}
	_, err := config.Read(func(name string) string { read[name] = true; return "" }, "")
	must(t, err)
	words, looked := regexp.MustCompile(`\bHHRECON_[A-Z_]+`), 0
	for path, text := range deployFiles(t) {
		for _, name := range words.FindAllString(text, -1) {
			looked++
			if !read[name] {
				t.Errorf("%s: nothing reads %s", path, name)
			}
		}
	}
	if looked < 10 {
		t.Errorf("only %d names were checked", looked)
	}
}

// TestDeployCommands checks that hhrecon accepts every command line in the files in deploy/.
func TestDeployCommands(t *testing.T) {
	files := deployFiles(t)
	var commands [][]string
	for path, text := range files {
		for _, m := range regexp.MustCompile(`(?m)^ExecStart=\S+/hhrecon (.*)$`).FindAllStringSubmatch(text, -1) {
			commands = append(commands, strings.Fields(m[1]))
		}
		// Commands of crontab lines, including lines that are commented out.
		for _, m := range regexp.MustCompile(`(?m)^(?:# )?\d[^#\n]*exec hhrecon ([^>|)]*)\)`).
			FindAllStringSubmatch(text, -1) {
			commands = append(commands, strings.Fields(m[1]))
		}
		for _, m := range regexp.MustCompile(`(?m)^CMD (\[.*\])$`).FindAllStringSubmatch(text, -1) {
			var args []string
			must(t, json.Unmarshal([]byte(m[1]), &args))
			commands = append(commands, args)
		}
		if strings.HasSuffix(path, ".yaml") {
			for _, document := range documents(t, path, text) {
				commands = append(commands, argsIn(document)...)
			}
		}
	}
	if len(commands) != 8 {
		t.Errorf("found the command lines %q, want those of 2 units, cron's 3, the image, a Deployment and a CronJob",
			commands)
	}
	for _, args := range commands {
		if _, err := parser(t).Parse(args); err != nil {
			t.Errorf("hhrecon %s: %v", strings.Join(args, " "), err)
		}
	}
}

// TestDeployFiles parses the YAML and JSON files, and checks that hhrecon accepts the schedules in the ConfigMap.
func TestDeployFiles(t *testing.T) {
	schedules := 0
	for path, text := range deployFiles(t) {
		switch filepath.Ext(path) {
		case ".json":
			if !json.Valid([]byte(text)) {
				t.Errorf("%s is not JSON", path)
			}
		case ".yaml":
			for _, document := range documents(t, path, text) {
				data, _ := document["data"].(map[string]any)
				content, ok := data["schedules.yaml"].(string)
				if !ok {
					continue
				}
				schedules++
				file := filepath.Join(t.TempDir(), "schedules.yaml")
				must(t, os.WriteFile(file, []byte(content), 0o600))
				if _, err := config.Read(func(string) string { return "" }, file); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		}
	}
	page, err := os.ReadFile("docs/installation.md")
	must(t, err)
	lines := strings.Split(strings.TrimSpace(deployFiles(t)["deploy/cron/hhrecon"]), "\n")
	if line := lines[len(lines)-1]; !strings.Contains(string(page), line) {
		t.Errorf("the manual does not contain cron's line:\n%s", line)
	}
	if schedules != 1 {
		t.Errorf("%d files have schedules", schedules)
	}
}

func documents(t *testing.T, path, text string) []map[string]any {
	t.Helper()
	loader, err := yaml.NewLoader(bytes.NewReader([]byte(text)))
	must(t, err)
	var all []map[string]any
	for {
		var one map[string]any
		err := loader.Load(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, one)
	}
}

// argsIn returns the field args of all containers in a Kubernetes document.
func argsIn(node any) (found [][]string) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			list, isList := value.([]any)
			if key != "args" || !isList {
				found = append(found, argsIn(value)...)
				continue
			}
			var args []string
			for _, arg := range list {
				text, _ := arg.(string)
				args = append(args, text)
			}
			found = append(found, args)
		}
	case []any:
		for _, value := range node {
			found = append(found, argsIn(value)...)
		}
	}
	return found
}
