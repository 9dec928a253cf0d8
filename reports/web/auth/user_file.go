package auth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reconcile/username"
)

// UserFile is the path of a file with one user `name:role:hash` in each line. Empty lines and lines that begin with #
// are skipped. The file is read for each request, so a removed user loses access immediately.
type UserFile string

// User returns a user, or reconcile.ErrNoUser if there is no such user.
func (f UserFile) User(_ context.Context, name string) (reconcile.User, error) {
	users, err := f.Read()
	if err != nil {
		return reconcile.User{}, err
	}
	i := slices.IndexFunc(users, func(u reconcile.User) bool { return username.Fold(u.Name) == username.Fold(name) })
	if i < 0 {
		return reconcile.User{}, reconcile.ErrNoUser
	}
	return users[i], nil
}

// Read returns all users, in the file's order. If lines are invalid, Read returns no users and an error that lists all
// invalid lines with their numbers.
func (f UserFile) Read() ([]reconcile.User, error) {
	text, err := os.ReadFile(string(f))
	if err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	var users []reconcile.User
	var faults []error
	seen := make(map[string]int)
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		u, err := parseUser(line)
		if err == nil && seen[username.Fold(u.Name)] != 0 {
			err = fmt.Errorf("user %q is already in line %d", u.Name, seen[username.Fold(u.Name)])
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", string(f), i+1, err))
			continue
		}
		seen[username.Fold(u.Name)] = i + 1
		users = append(users, u)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return users, nil
}

// parseUser reads one line. An error never contains the hash.
func parseUser(line string) (reconcile.User, error) {
	parts := strings.Split(line, ":")
	if len(parts) != 3 {
		return reconcile.User{}, fmt.Errorf("the line has %d fields instead of three: write name:role:hash", len(parts))
	}
	u := reconcile.User{Name: strings.TrimSpace(parts[0]), Role: reconcile.Role(strings.TrimSpace(parts[1])),
		Hash: strings.TrimSpace(parts[2])}
	var err error
	if u.Name, err = username.Check(u.Name); err != nil {
		return u, err
	}
	if !slices.Contains(reconcile.Roles, u.Role) {
		return u, fmt.Errorf("role %q of user %q is unknown: write viewer, finance or admin", u.Role, u.Name)
	}
	if err := CheckHash(u.Hash); err != nil {
		return u, fmt.Errorf("user %q: %w", u.Name, err)
	}
	return u, nil
}
