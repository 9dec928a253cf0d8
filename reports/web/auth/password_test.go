package auth

import (
	"strings"
	"testing"
)

// TestPasswords checks that passwords that are easy to guess are refused.
func TestPasswords(t *testing.T) {
	for text, want := range map[string]string{
		"elevenchars": "too short", "qwerty123456": "too common", "Password2026!": "too common",
		"...administrator": "too common", "letmeinletmein": "too common", "Password password": "too common",
		"1q2w3e 4r 1q2w3e4r": "too common", "\uff50\uff41\uff53\uff53word2026": "too common",
		"Пароль 2026!!": "too common", "йцукен123456": "too common", "ПАРОЛЬПАРОЛЬ": "too common",
		"aaaaaaaaaaaa": "repeats one character", "               ": "repeats one character",
		"zz zz zz zz zz": "repeats one character",
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
