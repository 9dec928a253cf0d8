package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/cmd/hhrecon/setup"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/db"
	"hhrecon/sql/mapping"
)

// initCmd is the command `hhrecon init`.
type initCmd struct {
	Out      string   `required:"" help:"Folder for the queries and settings." placeholder:"DIR"`
	Table    string   `help:"Table or view that has the payins." placeholder:"NAME"`
	Column   []string `sep:"none" help:"Column or expression of a role: payment_id=number." placeholder:"ROLE=COLUMN"`
	Status   []string `sep:"none" help:"Meaning of a status, such as paid=success." placeholder:"WORD=STATUS"`
	Unit     string   `help:"Unit of the amounts: major (500.00) or minor (50000)." placeholder:"UNIT"`
	Timezone string   `help:"Time zone of times without one." placeholder:"ZONE"`
	Where    string   `help:"SQL condition for the rows that are payins." placeholder:"SQL"`
	Xmin     bool     `help:"Guard rows by xmin, if the table has no time of the last change."`
	Project  []string `help:"Project of the payins, if the settings have none." placeholder:"ID"`
	User     string   `help:"Database user that runs hhrecon." placeholder:"NAME"`
	Yes      bool     `help:"Take all certain proposals, and replace files that hhrecon init wrote."`
}

// samplePayins is the number of payins of each project that are compared with HighHelp's answers.
const samplePayins = 10

// initializer executes `hhrecon init`.
type initializer struct {
	*initCmd
	*app
	settings *config.Settings
	store    *sql.Store
	schema   *mapping.Schema
	ask      service.Ask // nil without keys
	choices  mapping.Choices
	decided  []string // a sentence for each decision
	onTTY    bool     // a person can answer questions on the terminal
}

// Run inspects the database and decides how the merchant's table stores payins. It then writes the files
// and tests the queries.
func (c *initCmd) Run(ctx context.Context, a *app) error {
	s, err := a.ReadSettings()
	if err != nil {
		return err
	}
	s.SQLDir = "" // the new queries replace the queries in these files
	store, err := a.connect(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	if store.Dialect != db.Postgres {
		return config.UsageErrorf("hhrecon init needs PostgreSQL; on SQLite create the default table with hhrecon migrate " +
			"--sample-schema, or write your own queries (hhrecon help queries)")
	}
	i := &initializer{initCmd: c, app: a, settings: s, store: store, onTTY: !c.Yes && console.CanAsk()}
	if i.schema, err = mapping.Inspect(ctx, store.DB); err != nil {
		return err
	}
	ask, done, noKeys := a.NewAsk(s)
	defer done()
	if i.ask, i.choices.Ask = ask, ask; ask == nil {
		fmt.Fprintln(a.Stdout, "HighHelp is not asked, so amounts and ids are not compared:",
			cmp.Or(noKeys, errors.New("set HHRECON_PROJECT_ID and HHRECON_PRIVATE_KEY_FILE")))
	}
	m, err := i.decide(ctx)
	if err != nil {
		return checkError(err)
	}
	files, err := m.Files(i.setup(m))
	if err != nil {
		return checkError(err)
	}
	if err = i.compare(ctx, files); err == nil {
		err = i.write(ctx, files)
	}
	if err != nil {
		return err
	}
	return i.prove(ctx)
}

// decide proposes a mapping again after each answer, until there are no open questions. Without a terminal, open
// questions are an error.
func (i *initializer) decide(ctx context.Context) (*mapping.Mapping, error) {
	if err := i.readFlags(); err != nil {
		return nil, err
	}
	m, questions, err := mapping.Propose(ctx, i.store.DB, i.schema, i.choices)
	for err == nil {
		open := slices.DeleteFunc(slices.Clone(questions), func(q mapping.Question) bool {
			return q.Certain && (i.Yes || i.onTTY || q.Flag == "")
		})
		var flag, value string
		if i.onTTY {
			flag, value, err = i.askPerson(ctx, open, questions)
		} else if len(open) > 0 {
			err = i.printOpen(open)
		}
		if err != nil || flag == "" {
			break
		}
		choices := i.choices
		fault := choices.Set(flag, value)
		if fault == nil {
			var next *mapping.Mapping
			var rest []mapping.Question
			if next, rest, fault = mapping.Propose(ctx, i.store.DB, i.schema, choices); fault == nil {
				m, questions, i.choices = next, rest, choices
				i.remember(flag, value)
			}
		}
		if fault != nil {
			fmt.Fprintln(i.stderr, fault) // the answer is invalid, so the person is asked again
			err = ctx.Err()
		}
	}
	for _, q := range questions {
		i.decided = append(i.decided, describe(&q))
	}
	return m, err
}

// readFlags stores the answers that the flags contain.
func (i *initializer) readFlags() error {
	var faults []error
	for _, p := range i.settings.Projects {
		faults = append(faults, i.choices.Set("project", p.ID))
	}
	if i.Xmin {
		i.Column = append(i.Column, "updated_at=xmin")
	}
	flags := map[string][]string{"table": {i.Table}, "column": i.Column, "status": i.Status, "unit": {i.Unit},
		"timezone": {i.Timezone}, "where": {i.Where}, "project": i.Project}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		for _, value := range flags[flag] {
			if value != "" {
				faults = append(faults, i.choices.Set(flag, value))
				i.remember(flag, value)
			}
		}
	}
	return errors.Join(faults...)
}

// remember adds an answer to the decisions, in place of an earlier answer to the same question.
func (i *initializer) remember(flag, value string) {
	question := "`--" + flag + " "
	if key, _, keyed := strings.Cut(value, "="); keyed && flag != "where" || flag == "project" {
		question += key + "="
	}
	i.decided = slices.DeleteFunc(i.decided, func(d string) bool { return strings.HasPrefix(d, question) })
	i.decided = append(i.decided, fmt.Sprintf("`--%s %s` was given.", flag, value))
}

func describe(q *mapping.Question) string {
	return fmt.Sprintf("%s `%s`: %s", q.Text, q.Proposal, evidence(q))
}

func evidence(q *mapping.Question) string { return strings.TrimSuffix(q.Evidence, ".") + "." }

// askPerson asks the first open question on the terminal. If there is none, it asks about all proposals together. It
// returns the answer as a flag, or no flag if the person accepts the proposals.
func (i *initializer) askPerson(ctx context.Context, open, all []mapping.Question) (flag, value string, err error) {
	if len(open) == 0 {
		for _, q := range all {
			fmt.Fprintln(i.stderr, " ", describe(&q))
		}
		line, err := i.Console.Ask(ctx, "Press Enter to take these answers, or write another one, such as --unit minor: ")
		flag, value, _ = strings.Cut(strings.TrimPrefix(line, "--"), " ")
		return flag, strings.Trim(value, `'" `), err
	}
	q := &open[0]
	prompt := fmt.Sprintf("\n%s\n  %s\n  Possible answers: %s\nAnswer", q.Text, evidence(q),
		cmp.Or(strings.Join(q.Options, ", "), "any text"))
	if q.Proposal != "" {
		prompt += ", or press Enter for " + q.Proposal
	}
	answer, err := i.Console.Ask(ctx, prompt+": ")
	answer = strings.TrimPrefix(strings.TrimPrefix(answer, "--"+q.Flag+" "), q.Before)
	return q.Flag, q.Value(cmp.Or(answer, q.Proposal)), err
}

// printOpen prints questions with the flags that answer them.
func (i *initializer) printOpen(open []mapping.Question) error {
	unknown := 0
	for _, q := range open {
		taken := "   (--yes takes this)"
		if !q.Certain {
			unknown++
			taken = ""
		}
		fmt.Fprintf(i.Stdout, "\n%s\n  %s\n  %s%s\n", q.Text, evidence(&q), q.Example(), taken)
	}
	if unknown == 0 {
		return config.UsageErrorf("nothing was written: add --yes to take these proposals, or flags with other answers")
	}
	return config.UsageErrorf("nothing was written: add the flags that answer the %s without \"(--yes takes this)\"",
		console.Counted(unknown, "question"))
}

// setup returns the data that the files need in addition to the mapping.
func (i *initializer) setup(m *mapping.Mapping) mapping.Setup {
	dir, _ := filepath.Abs(i.Out) // fails only if the working folder was deleted
	s := mapping.Setup{SQLDir: filepath.Join(dir, "sql"), User: cmp.Or(i.User, "hhrecon"),
		Timezone: i.settings.Zone.String()}
	if i.User == "" && i.settings.OwnerURL != i.settings.DatabaseURL {
		s.User = i.schema.User // the two database users exist already
	}
	if i.settings.APIURL != highhelp.DefaultBaseURL {
		s.APIURL = i.settings.APIURL
	}
	machine := i.settings.File == "" // servers often have UTC, but the merchant's days are in another zone
	if _, err := time.LoadLocation(s.Timezone); err != nil || machine && strings.HasSuffix(s.Timezone, "UTC") {
		s.Timezone = cmp.Or(m.Zone, "UTC")
	}
	i.decided = append(i.decided, fmt.Sprintf("Which time zone do days and reports have? `%s`: set timezone in "+
		"schedules.yaml to change this.", s.Timezone))
	s.Decided = i.decided
	for _, id := range m.Projects {
		p, _ := i.settings.Project(id)
		s.Projects = append(s.Projects, mapping.Project{ID: id, Name: cmp.Or(p.Name, id),
			KeyFile: cmp.Or(p.KeyFile(), "keys/private_key.pem")})
	}
	return s
}

// compare prints the payins that the new queries read, each with HighHelp's answer. It returns an error if the
// amounts do not agree.
func (i *initializer) compare(ctx context.Context, files map[string][]byte) error {
	dir, err := os.MkdirTemp("", "hhrecon-init-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	changes, err := setup.Compare(dir, files)
	if err = cmp.Or(err, setup.Write(dir, changes)); err != nil {
		return err
	}
	s, store, err := i.open(ctx, dir)
	if err != nil {
		return err
	}
	defer store.Close()
	for n := range s.Projects {
		warning, err := i.ComparePayins(ctx, store.Queries, &s.Projects[n], samplePayins, i.ask)
		if reconcile.IsType[*config.UsageError](err) {
			return err
		}
		if err != nil { // the user may lack rights, or the queries need hhrecon's tables
			warning = "no payins are shown: " + err.Error()
		}
		if warning != "" {
			fmt.Fprintf(i.Stdout, "%s  %s\n", console.Paint(i.Stdout, "WARN"), warning)
		}
	}
	return nil
}

// open reads the settings of a folder, and opens the database with the folder's queries.
func (i *initializer) open(ctx context.Context, dir string) (*config.Settings, *sql.Store, error) {
	s, err := config.Read(i.getenv, filepath.Join(dir, config.DefaultSchedules))
	if err != nil {
		return nil, nil, err
	}
	s.SQLDir = filepath.Join(dir, "sql")
	store, err := i.connect(ctx, s)
	return s, store, err
}

// write shows how the new files differ from the files in the folder, and then writes the new files.
func (i *initializer) write(ctx context.Context, files map[string][]byte) error {
	changes, err := setup.Compare(i.Out, files)
	if err != nil {
		return err
	}
	replaces := false
	for _, c := range changes {
		replaces = replaces || c.Old != nil
		fmt.Fprint(i.Stdout, c.Diff())
		if c.Edited {
			fmt.Fprintf(i.Stdout, "%s was edited and stays as it is: compare it with %s\n", c.Path, c.Target())
		}
	}
	if i.onTTY && len(changes) > 0 {
		answer, err := i.Console.Ask(ctx, "\nPress Enter to write the folder "+i.Out+", or write no: ")
		if err != nil || answer != "" {
			return cmp.Or(err, config.UsageErrorf("nothing was written"))
		}
	} else if replaces && !i.Yes {
		return config.UsageErrorf("nothing was written, because %s has files of an earlier hhrecon init: add --yes to "+
			"replace those that were not edited", i.Out)
	}
	if err := setup.Write(i.Out, changes); err != nil {
		return err
	}
	fmt.Fprintf(i.Stdout, "\nFiles written to %s: %d\n", i.Out, len(changes))
	return nil
}

// prove tests the queries in the folder on real rows, and prints the decisions and the next commands.
func (i *initializer) prove(ctx context.Context) error {
	s, store, err := i.open(ctx, i.Out)
	if err != nil {
		return err
	}
	defer store.Close()
	fmt.Fprintf(i.Stdout, "\nDecisions:\n  %s\n\n", strings.Join(i.decided, "\n  "))
	err = store.CheckSchema(ctx)
	if err == nil {
		if fault := store.CheckQueries(ctx, s.Rules()...); errors.Is(fault, db.ErrDenied) {
			err = fault
		}
	}
	if err != nil {
		fmt.Fprintf(i.Stdout, "Next, as %[1]s/README.md explains:\n  psql -f %[1]s/grants_owner.sql DATABASE\n"+
			"  hhrecon migrate\n  psql -f %[1]s/grants_runtime.sql DATABASE\n", i.Out)
		return exit.With(exit.Untrusted, fmt.Errorf("the queries are written, but not proved: %w", err))
	}
	if !(&checkCmd{}).queries(ctx, &checks{app: i.app}, store, s.Rules()) {
		return fmt.Errorf("the queries in %s failed their proof: repeat hhrecon init with other answers", i.Out)
	}
	dir, _ := filepath.Abs(s.SQLDir)
	fmt.Fprintf(i.Stdout, "\nNext:\n  export HHRECON_SQL_DIR=%s\n  hhrecon check --schedules %s --payins %d\n"+
		"  hhrecon run --schedules %[2]s --dry-run\n", dir, s.File, samplePayins)
	return nil
}
