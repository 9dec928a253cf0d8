package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/identity"
	"hhrecon/sql/merchant"
)

// slowQueries contains the durations above which a query causes a warning. The key is the query's file. The key "" is
// for all other queries. A run executes the query ReadBack for each correction.
var slowQueries = map[string]time.Duration{"": 2 * time.Second, merchant.ReadBack: 50 * time.Millisecond}

// checks prints the results of `hhrecon check` in groups, and counts the failures.
type checks struct {
	*app
	failed int
	copy   bool              // the database is a copy
	causes map[string]string // name of the first check that failed with each error
}

// begin prints the heading of a group of checks.
func (c *checks) begin(group string) { fmt.Fprintf(c.Stdout, "\n%s\n", group) }

// print prints the line of one check. The parameter mark is ok, FAIL, WARN or --.
func (c *checks) print(mark, name, why string) {
	if why != "" {
		why = ": " + why
	}
	fmt.Fprintf(c.Stdout, "%s%*s  %s%s\n", console.Paint(c.Stdout, mark), 4-len(mark), "", name, why)
}

// report prints the error of a check, or the text that describes its result. If another check has printed the error,
// report does not repeat the error.
func (c *checks) report(name string, err error, found ...any) bool {
	if err == nil {
		c.print("ok", name, fmt.Sprint(found...))
		return true
	}
	c.failed++
	why := err.Error()
	if first, repeated := c.causes[why]; repeated {
		why = "the same error as for " + first
	} else if c.causes == nil {
		c.causes = map[string]string{why: name}
	} else {
		c.causes[why] = name
	}
	c.print("FAIL", name, why)
	return false
}

// reportWarning prints a warning, or the error if there is no warning.
func (c *checks) reportWarning(name, warning string, err error) {
	if warning != "" {
		c.warn(name, warning)
	} else {
		c.report(name, err)
	}
}

func (c *checks) warn(name, why string) { c.print("WARN", name, why) }

func (c *checks) skip(name, why string) { c.print("--", name, why) }

// statuses prints the number of a project's payins by status.
func (c *checks) statuses(p *reconcile.Project, counts map[string]int64) {
	name := fmt.Sprintf("payins of project %s in the last %vh", p.Label(), p.Window.Hours())
	if counts == nil {
		c.skip(name, "not counted, because there is no payin_statuses.sql")
		return
	}
	var found []string
	for kind, words := range [][]string{p.OpenStatuses(), p.FinalStatuses()} {
		var parts []string
		var sum int64
		for _, word := range words {
			if n := counts[word]; n > 0 {
				parts, sum = append(parts, fmt.Sprintf("%s %d", word, n)), sum+n
			}
		}
		text := fmt.Sprintf("%d %s", sum, []string{"open", "final"}[kind])
		if sum > 0 {
			text += " (" + strings.Join(parts, ", ") + ")"
		}
		found = append(found, text)
	}
	c.report(name, nil, strings.Join(found, ", "))
}

// queryTime prints the duration of a query for a project.
func (c *checks) queryTime(t merchant.QueryTime, project string) {
	name := fmt.Sprintf("%s of project %s: rows %d, time %v", t.File, project, t.Rows, t.Took.Round(time.Millisecond))
	warning := ""
	if limit := cmp.Or(slowQueries[t.File], slowQueries[""]); t.Took > limit {
		warning = fmt.Sprintf("slower than %v: look at the query plan with EXPLAIN, and check whether an index is missing",
			limit)
	}
	c.reportWarning(name, warning, nil)
}

// removed warns about a project that is not in the settings, if its payins still wait for a person.
func (c *checks) removed(ctx context.Context, store *sql.Store, id string) {
	held, err := store.HeldRuns(ctx, id)
	undecided, fault := store.CountUndecided(ctx)
	if err = cmp.Or(err, fault); err != nil {
		c.report("project "+id, err)
	} else if len(held) > 0 || undecided[id] > 0 {
		c.warn("project "+id, fmt.Sprintf("is not in the settings, but has %s and %s that wait for a decision: "+
			"if its id was changed or removed, put it back into %s until a person has decided",
			console.Counted(len(held), "held run"), console.Counted(undecided[id], "payin"), config.DefaultSchedules))
	}
}

// comparePayins prints n payins of each project beside HighHelp's answers, and checks their amounts. HighHelp is not
// asked if the check of the project found an error.
func (c *checks) comparePayins(ctx context.Context, store *sql.Store, s *config.Settings, n int, found []projectCheck) {
	ask, done, _ := c.NewAsk(s) // the check of the project reports the error
	defer done()
	for i := range s.Projects {
		p, askProject := &s.Projects[i], ask
		if cmp.Or(found[i].keys, found[i].gateway) != nil {
			askProject = nil
		}
		name := "amounts of project " + p.Label()
		warning, err := c.ComparePayins(ctx, store.Queries, p, n, askProject)
		if askProject == nil && err == nil && warning == "" {
			c.skip(name, "not compared, because HighHelp was not asked")
			continue
		}
		c.reportWarning(name, warning, err)
	}
}

// identity checks that the database is not a copy.
func (c *checks) identity(ctx context.Context, store *sql.Store) {
	id, err := store.Identity(ctx)
	name := fmt.Sprintf("identity: %s", id)
	if err == nil {
		err = store.CheckIdentity(ctx)
	}
	c.copy = errors.Is(err, identity.ErrCopy)
	switch {
	case errors.Is(err, identity.ErrDeclared):
		c.warn(name, err.Error())
	case err == nil && id.Server == "":
		c.warn(name, "a copy on another server may have the same identity: grant execute on function pg_control_system()")
	default:
		c.report(name, err)
	}
}
