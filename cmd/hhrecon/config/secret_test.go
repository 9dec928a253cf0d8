package config

import (
	"slices"
	"strings"
	"testing"
)

// TestSecretFiles checks that each secret can be in a file. If both the variable and the file of a secret are set, Read
// returns an error. Errors do not contain secrets.
func TestSecretFiles(t *testing.T) {
	read := func(env map[string]string) (*Settings, error) {
		return Read(func(name string) string { return env[name] }, "")
	}
	t.Chdir(t.TempDir())
	for name, get := range map[string]func(*Settings) string{
		"HHRECON_DATABASE_URL":       func(s *Settings) string { return s.DatabaseURL },
		"HHRECON_SMTP_URL":           func(s *Settings) string { return s.SMTPURL },
		"HHRECON_OIDC_CLIENT_SECRET": func(s *Settings) string { return s.OIDCSecret },
		"HHRECON_HEARTBEAT_URL":      func(s *Settings) string { return s.HeartbeatURL },
		"HHRECON_WEBHOOK_URL":        func(s *Settings) string { return s.WebhookURL },
		"HHRECON_WEBHOOK_SECRET":     func(s *Settings) string { return s.WebhookSecret },
	} {
		const secret = "https://secret.example/ x"
		file, empty := writeFile(t, "secret", "\uFEFF \t"+secret+" \r\n\n"), writeFile(t, "empty", "\uFEFF \n")
		wide := writeFile(t, "wide", "\xff\xfeh\x00t\x00")
		s, err := read(map[string]string{name + "_FILE": file})
		if err != nil || get(s) != secret || !slices.Equal(s.SecretFiles(), []SecretFile{{name + "_FILE", file}}) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		for want, env := range map[string]map[string]string{
			"are both set": {name + "_FILE": file, name: secret},
			"is empty":     {name + "_FILE": empty},

			name + "_FILE: " + wide + " is UTF-16": {name + "_FILE": wide},

			"no such file or": {name + "_FILE": "nowhere"},
		} {
			_, err := read(env)
			if !isUsageError(err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret.example") {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
	_, err := read(map[string]string{"HHRECON_SMTP_URL_FILE": "nowhere", "HHRECON_DATABASE_URL_FILE": "nowhere"})
	if err == nil || strings.Count(err.Error(), "nowhere") != 2 {
		t.Errorf("want both errors: %v", err)
	}
}

// TestSecretFilesOfProjects checks that SecretFiles lists all files with secrets of the projects.
func TestSecretFilesOfProjects(t *testing.T) {
	settings := Settings{Projects: []Project{NewProject(ProjectEntry{
		ID: "p", PrivateKeyFile: "a", HMACSecretFile: "b", AlertSecretFile: "c", NextAlertSecret: "d",
		AlertPublicKeyFile: "public", NextAlertKeyFile: "public",
	}, "", "/keys")}}
	var files []string
	for _, f := range settings.SecretFiles() {
		files = append(files, f.Path)
	}
	if want := []string{"/keys/a", "/keys/b", "/keys/c", "/keys/d"}; !slices.Equal(files, want) {
		t.Errorf("%v", files)
	}
}

// TestPlainWebhook checks that a webhook on another machine requires https, or a setting that allows plain http.
func TestPlainWebhook(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ url, allow, fault string }{
		{"https://hooks.merchant.example/secret", "", ""},
		{"http://127.0.0.1:9000/secret", "", ""},
		{"http://hooks.merchant.example/secret", "true", ""},
		{"http://hooks.merchant.example/secret", "", "plain http to another machine"},
		{"http://hooks.merchant.example/secret", "false", "plain http to another machine"},
		{"http://127.0.0.1.merchant.example/secret", "", "plain http to another machine"},
		{"https://hooks.merchant.example/secret", "perhaps", "is not true or false"},
	} {
		env := map[string]string{"HHRECON_WEBHOOK_URL": c.url, "HHRECON_WEBHOOK_ALLOW_HTTP": c.allow}
		_, err := Read(func(name string) string { return env[name] }, "")
		if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault) ||
			strings.Contains(err.Error(), "/secret")) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
