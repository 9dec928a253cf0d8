package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SecretFile is a file that only the user of hhrecon may read, with the setting that names the file.
type SecretFile struct{ Setting, Path string }

// Secret reads a setting that may be secret. Secret returns the value of the variable NAME, or the content of the file
// that NAME_FILE names, without surrounding white space and byte order mark. Errors do not contain the value.
func Secret(getenv func(string) string, name string) (string, error) {
	value, file := getenv(name), getenv(name+"_FILE")
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", UsageErrorf("%s and %s_FILE are both set: unset one of them", name, name)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", UsageErrorf("%s_FILE: %w", name, err)
	}
	if bytes.IndexByte(text, 0) >= 0 || bytes.HasPrefix(text, []byte("\xff\xfe")) ||
		bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return "", UsageErrorf("%s_FILE: %s is UTF-16 or not a text: save it as UTF-8", name, file)
	}
	if value = strings.TrimSpace(strings.TrimPrefix(string(text), "\uFEFF")); value == "" {
		return "", UsageErrorf("%s_FILE: %s is empty", name, file)
	}
	return value, nil
}

// environment reads settings from the environment and collects the errors in these settings.
type environment struct {
	getenv func(string) string
	files  []SecretFile
	faults []error
}

func (e *environment) secret(name string) string {
	value, err := Secret(e.getenv, name)
	if err != nil {
		e.faults = append(e.faults, err)
	}
	e.file(name + "_FILE")
	return value
}

// file reads a setting that names a file with a secret, and returns the file's path.
func (e *environment) file(name string) string {
	path := e.getenv(name)
	if path != "" {
		e.files = append(e.files, SecretFile{name, path})
	}
	return path
}

// SecretFiles returns all files that contain secrets.
func (s *Settings) SecretFiles() []SecretFile {
	files := slices.Clone(s.secretFiles)
	for _, p := range s.Projects {
		for _, f := range []SecretFile{
			{"private_key_file", p.Entry.PrivateKeyFile}, {"hmac_secret_file", p.Entry.HMACSecretFile},
			{"alert_secret_file", p.Entry.AlertSecretFile}, {"alert_next_secret_file", p.Entry.NextAlertSecret},
		} {
			if f.Path != "" {
				files = append(files, SecretFile{f.Setting + " of project " + p.ID, p.path(f.Path)})
			}
		}
	}
	return files
}

// TrustedPaths returns the files and folders that control hhrecon's actions.
func (s *Settings) TrustedPaths() []string {
	var paths []string
	if s.File != "" {
		paths = append(paths, s.File)
	}
	if s.SQLDir != "" {
		queries, _ := os.ReadDir(s.SQLDir) // if the folder is unreadable, the check of the queries reports an error
		paths = append(paths, s.SQLDir)
		for _, q := range queries {
			paths = append(paths, filepath.Join(s.SQLDir, q.Name()))
		}
	}
	return paths
}
