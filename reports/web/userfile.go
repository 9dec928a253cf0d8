package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"hhrecon/reconcile"
)

// UserFile is a file of users, one `name:role:hash` a line; empty lines and those that begin with # are passed over.
// It is read each time, so that whoever is taken out of it is out at once.
type UserFile string

// User returns one; reconcile.ErrNoUser.
func (f UserFile) User(_ context.Context, name string) (reconcile.User, error) {
	users, err := f.Read()
	if err != nil {
		return reconcile.User{}, err
	}
	for _, u := range users {
		if u.Name == name {
			return u, nil
		}
	}
	return reconcile.User{}, reconcile.ErrNoUser
}

// Read reads all users, in the file's order. The error names every fault with its line; a file with faults has no users.
func (f UserFile) Read() ([]reconcile.User, error) {
	text, err := os.ReadFile(string(f))
	if err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	var users []reconcile.User
	var faults []string
	seen := make(map[string]int)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		u, err := parseUser(line)
		if err == nil && seen[u.Name] != 0 {
			err = fmt.Errorf("user %q stands in line %d already", u.Name, seen[u.Name])
		}
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s:%d: %v", string(f), n, err))
			continue
		}
		seen[u.Name] = n
		users = append(users, u)
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, fmt.Sprintf("%s: %v", string(f), err))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(faults, "\n"))
	}
	return users, nil
}

// parseUser reads one line. The hash itself is never part of an error.
func parseUser(line string) (reconcile.User, error) {
	parts := strings.Split(line, ":")
	if len(parts) != 3 {
		return reconcile.User{}, fmt.Errorf("%d parts where three belong: name:role:hash", len(parts))
	}
	u := reconcile.User{Name: strings.TrimSpace(parts[0]), Role: reconcile.Role(strings.TrimSpace(parts[1])), Hash: strings.TrimSpace(parts[2])}
	if err := reconcile.CheckUserName(u.Name); err != nil {
		return u, err
	}
	if !slices.Contains(reconcile.Roles, u.Role) {
		return u, fmt.Errorf("role %q of user %q: viewer, finance or admin", u.Role, u.Name)
	}
	if err := CheckHash(u.Hash); err != nil {
		return u, fmt.Errorf("user %q: %w", u.Name, err)
	}
	return u, nil
}
