package auth

import (
	"strings"
	"testing"
)

// TestPasswords checks that passwords that are easy to guess are refused.
func TestPasswords(t *testing.T) {
	for text, want := range map[string]string{
		"elevenchars": "too short", "qwerty123456": "most common", "Password2026!": "most common",
		"...administrator": "most common", "letmeinletmein": "most common", "Password password": "most common",
		"1q2w3e 4r 1q2w3e4r": "most common", "\uff50\uff41\uff53\uff53word2026": "most common",
		"Пароль 2026!!": "most common", "йцукен123456": "most common", "ПАРОЛЬПАРОЛЬ": "most common",
		"aaaaaaaaaaaa": "again and again", "               ": "again and again", "zz zz zz zz zz": "again and again",
		"AIDA-aida-2026": "user's name", strings.Repeat("x", 1025): "too long",
		"aida likes horses": "", "correct horse battery": "",
	} {
		_, err := HashPassword("Aida", text)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if n := len(common()); n != 1022 {
		t.Errorf("%d common passwords, want 1022", n)
	}
}
