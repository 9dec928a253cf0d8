// Package auditlog verifies and prunes the audit logs, and records changes to users' accounts. Each project has one
// audit log. Verify verifies logs once. A Verifier verifies all logs every day.
package auditlog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// ErrNotProved means that the entry that --head names has been pruned.
var ErrNotProved = errors.New("the entry that --head names was pruned, so hhrecon cannot verify it")

// noProject is the name of the audit log of sign-ins and users. The flag --project and the metrics use this name.
const noProject = "none"

// Flags are the flags of `hhrecon verify`.
type Flags struct {
	Project string `help:"Only this project; none selects the log of sign-ins and users." placeholder:"ID"`
	Head    string `help:"Also check that the log contains this head, copied from a report." placeholder:"N:HASH"`
}

// Verify verifies the audit log of a project and prints the result. An empty project means all logs. "none" means the
// log of sign-ins and users. If head is not empty, the log must contain the entry of the head. Verify returns
// ErrNotProved, or an error with the number of broken logs.
func Verify(ctx context.Context, store *sql.Store, s *config.Settings, project, head string, out io.Writer) error {
	var kept []reconcile.Head
	if head != "" {
		one, err := parseHead(head)
		if err != nil {
			return config.UsageErrorf("--head: %w", err)
		}
		kept = append(kept, one)
	}
	ids, err := selectLogs(ctx, store, project, kept)
	if err != nil {
		return err
	}
	broken, unproved := 0, error(nil)
	for _, id := range ids {
		v, err := store.Verify(ctx, id, kept...)
		if err != nil {
			return err
		}
		name := "project " + id
		if id == "" {
			if name = "sign-ins and users"; v == (reconcile.Verification{}) {
				if len(ids) == 1 {
					fmt.Fprintln(out, "There is no audit log yet: no project has a run.")
				}
				continue
			}
		}
		if v.Break != "" {
			broken++
			fmt.Fprintf(out, "%s  %s: after %s: %s\n", console.Paint(out, "BROKEN"), name,
				console.Counted(v.Entries-v.Pruned, "intact entry"), v.Break)
			continue
		}
		printIntact(out, s, id, name, &v, kept != nil)
		if v.KeptPruned {
			unproved = ErrNotProved
		}
	}
	if broken > 0 {
		return fmt.Errorf("%s broken", console.Counted(broken, "audit log"))
	}
	return unproved
}

// selectLogs returns the projects whose logs Verify must verify. "" means the log of sign-ins and users.
func selectLogs(ctx context.Context, store *sql.Store, project string, kept []reconcile.Head) ([]string, error) {
	ids, err := store.AuditLogProjects(ctx)
	if err != nil {
		return nil, err
	}
	same := func(id string) bool { return strings.EqualFold(id, project) }
	switch i := slices.IndexFunc(ids, same); {
	case project == "" && kept == nil:
		ids = append(ids, "")
	case project == "" && len(ids) == 0:
		return nil, fmt.Errorf("BROKEN: no project has an audit log, but a head with entry %d was saved", kept[0].Entries)
	case project == "" && len(ids) > 1:
		return nil, config.UsageErrorf("--head belongs to one log, but %d projects have a log: name the project with "+
			"--project", len(ids))
	case strings.EqualFold(project, noProject):
		ids = []string{""}
	case i >= 0:
		ids = ids[i : i+1]
	case kept != nil: // the log of this project does not exist
		ids = []string{project}
	case project != "":
		return nil, config.UsageErrorf("project %q has no audit log", project)
	}
	return ids, nil
}

// printIntact prints the result for a valid log.
func printIntact(out io.Writer, s *config.Settings, id, name string, v *reconcile.Verification, kept bool) {
	fmt.Fprintf(out, "ok      %s: %s verified, %d with a key; the head is %s\n",
		name, console.Counted(v.Entries-v.Pruned, "entry"), v.Keyed, reconcile.Head{Entries: v.Entries, Hash: v.Head})
	if kept && !v.KeptPruned {
		fmt.Fprintf(out, "        The entry of --head is unchanged.\n")
	}
	if v.Pruned > 0 {
		fmt.Fprintf(out, "        Pruned earlier: %s of %s closed until %s; last on %s, with the retention %s.\n",
			console.Counted(v.Pruned, "entry"), console.Counted(v.PrunedRuns, "run"), v.Until.In(s.Zone).Format(time.DateTime),
			v.PrunedAt.In(s.Zone).Format(time.DateTime), v.Retention)
		if p, ok := s.Project(id); ok && p.Entry.Retention != v.Retention {
			fmt.Fprintf(out, "WARN    The project's retention is %q now.\n", p.Entry.Retention)
		}
	}
}

// parseHead parses the result of Head.String.
func parseHead(text string) (reconcile.Head, error) {
	n, hash, _ := strings.Cut(text, ":")
	entries, err := strconv.ParseInt(n, 10, 64)
	if digest, fault := hex.DecodeString(hash); err != nil || fault != nil || entries < 1 || len(digest) != sha256.Size {
		return reconcile.Head{}, fmt.Errorf("%q is not a head of an audit log: write N:HASH as in a report", text)
	}
	return reconcile.Head{Entries: entries, Hash: hash}, nil
}
