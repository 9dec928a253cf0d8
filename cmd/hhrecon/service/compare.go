package service

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/sql/merchant"
)

// Ask asks HighHelp about one payin.
type Ask func(ctx context.Context, projectID, paymentID string) reconcile.Answer

// NewAsk returns a function that asks HighHelp, and repeats stored answers. After a query without a usable answer, it
// repeats its error for that project. It returns nil and an error if no project has usable keys. Call done at the end.
func (p *Process) NewAsk(s *config.Settings) (ask Ask, done func(), err error) {
	clients, answers := make(map[string]*highhelp.Client), make(map[string]reconcile.Answer)
	for _, project := range s.Projects {
		project.AttemptTimeout, project.PayinTimeout = 5*time.Second, 10*time.Second
		client, fault := p.NewClient(s, project, nil)
		if fault != nil {
			err = errors.Join(err, fault)
			continue
		}
		clients[strings.ToLower(project.ID)] = client
	}
	done = func() {
		for _, client := range clients {
			client.Close()
		}
	}
	if len(clients) == 0 {
		return nil, done, err
	}
	return func(ctx context.Context, projectID, paymentID string) reconcile.Answer {
		projectID = strings.ToLower(projectID)
		client, key := clients[projectID], projectID+" "+paymentID
		if a, known := answers[key]; known {
			return a
		}
		if client == nil {
			return answers[projectID]
		}
		info, err := client.PayinInfo(ctx, paymentID)
		if err == nil && (info.PaymentID != paymentID || !strings.EqualFold(info.ProjectID, projectID)) {
			info, err = nil, highhelp.ErrMalformed // the answer is about another payin
		}
		a := reconcile.NewAnswer(info, err, time.Now())
		if answers[key] = a; a.Result == reconcile.ResultUnreachable || errors.Is(err, highhelp.ErrUnauthorized) {
			delete(clients, projectID)
			answers[projectID] = a
		}
		return a
	}, done, nil
}

// ComparePayins prints n payins of a project as the merchant's queries read them, each with HighHelp's answer. If ask
// is nil, it prints only the payins. It returns an error if the answers show that the queries read a wrong unit, column
// or time zone, or that the settings swap statuses. A warning means that the amounts of a few payins differ or were not
// compared.
func (p *Process) ComparePayins(ctx context.Context, q *merchant.Queries, project *config.Project, n int,
	ask Ask) (warning string, err error) {
	payins, err := q.Sample(ctx, &project.Project, n)
	if err != nil || len(payins) == 0 {
		return map[bool]string{true: "there are no payins to compare"}[err == nil], err
	}
	fmt.Fprintf(p.Stdout, "\nPayins of project %s; times in %s:\n", project.Label(), project.Zone)
	columns := []console.Column{{Name: "Payin"}, {Name: "Created", Drop: 1}, {Name: "Status"},
		{Name: "Amount", Number: true}, {Name: "HighHelp"}, {Name: "Initial amount", Number: true},
		{Name: "Paid amount", Number: true}}
	if ask == nil {
		columns = columns[:4]
	}
	table, c := console.NewTable(p.Stdout, columns...), comparison{project: &project.Project}
	for _, payin := range payins {
		cells := []any{payin.PaymentID, payin.CreatedAt.In(project.Zone).Format(time.DateTime), payin.Status,
			reconcile.FormatAmount(payin.Amount, payin.Currency)}
		if ask != nil {
			cells = append(cells, c.add(&payin, ask(ctx, project.ID, payin.PaymentID))...)
		}
		table.Add(cells...)
	}
	table.Render()
	if err := context.Cause(ctx); err != nil || ask == nil {
		return "", err
	}
	return c.result()
}

// comparison compares the payins that the merchant's queries read with HighHelp's answers.
type comparison struct {
	project                              *reconcile.Project
	answered, unknown, unanswered        int
	problem                              reconcile.Reason // why there is no usable answer
	amounts, currencies, times, statuses differences
	early                                map[string]differences // payins that are open at HighHelp, by status of success
}

// differences counts compared payins, and lists the payment IDs of those that differ by difference.
type differences struct {
	compared int
	ids      map[string][]string
}

func (d *differences) add(payin *reconcile.Payin, differs bool, difference string) {
	if d.compared++; !differs {
		return
	}
	if d.ids == nil {
		d.ids = make(map[string][]string)
	}
	d.ids[difference] = append(d.ids[difference], payin.PaymentID)
}

// add counts a payin, and returns the cells of the table for HighHelp's answer.
func (c *comparison) add(payin *reconcile.Payin, a reconcile.Answer) []any {
	switch a.Result {
	case reconcile.ResultAnswered:
		c.answered++
	case reconcile.ResultNotFound:
		c.unknown++
		return []any{"does not know it"}
	default:
		c.problem = a.Problem
		c.unanswered++
		return []any{"gave no usable answer"}
	}
	status, info := a.Info.Status, a.Info.PaymentInfo
	c.addStatus(payin, status)
	if a.Info.SubStatus != "" {
		status += ":" + a.Info.SubStatus
	}
	if info == nil {
		return []any{status}
	}
	if info.Lifetime > 0 && info.ExpirationDate > 0 { // time zones differ by multiples of 15 minutes
		shift := payin.CreatedAt.Sub(time.Unix(info.ExpirationDate-info.Lifetime, 0))
		whole := shift.Round(15 * time.Minute)
		isZone := whole != 0 && whole.Abs() <= 14*time.Hour && (shift-whole).Abs() <= time.Minute
		c.times.add(payin, isZone, whole.String())
	}
	if info.InitialAmount > 0 && payin.Amount > 0 {
		factor := big.NewRat(info.InitialAmount, payin.Amount).RatString()
		c.amounts.add(payin, factor != "1", factor)
		c.currencies.add(payin, info.Currency != payin.Currency, info.Currency+", but the queries read "+payin.Currency)
	}
	return []any{status, reconcile.FormatAmount(info.InitialAmount, info.Currency),
		reconcile.FormatAmount(info.Amount, info.Currency)}
}

// addStatus compares a payin's status with HighHelp's status.
func (c *comparison) addStatus(payin *reconcile.Payin, theirs string) {
	isFinal := theirs == highhelp.StatusSuccess || theirs == highhelp.StatusDecline
	isSuccess := slices.Contains(c.project.SuccessStatuses(), payin.Status)
	if isSuccess {
		early := c.early[payin.Status]
		early.add(payin, !isFinal, payin.Status)
		if c.early == nil {
			c.early = make(map[string]differences)
		}
		c.early[payin.Status] = early
	}
	if isFinal && slices.Contains(c.project.FinalStatuses(), payin.Status) {
		c.statuses.add(payin, isSuccess != (theirs == highhelp.StatusSuccess), "")
	}
}

// mapped returns an error if most of several answers show another unit, time zone, currency or swapped statuses (three
// quarters of the final payins). The amount of a single payin may have changed, but not by a power of ten.
func (c *comparison) mapped() error {
	type check struct {
		differences
		text string
	}
	statuses := c.statuses
	if len(statuses.ids[""])*4 < statuses.compared*3 {
		statuses.ids = nil // HighHelp may have reversed some final payins, but swapped words affect nearly all
	}
	checks := []check{
		{c.times, "the queries read created_at with a shift of %s from HighHelp's times: correct the time " +
			"zone in all queries, or repeat hhrecon init with another --timezone"},
		{c.currencies, "HighHelp has the currency %s: correct the column of currency"},
		{statuses, "HighHelp has success for statuses that mean decline here, or the reverse%s: correct " +
			"status_map and final_statuses"},
		{c.amounts, "HighHelp's initial amounts are %s times the amounts that the queries read: correct the unit of " +
			"amount, or the column that the queries return as amount"},
	}
	for _, early := range c.early {
		checks = append(checks, check{early, "the status %q means success here, but most payins with it are open at " +
			"HighHelp: correct status_map and final_statuses, or repeat hhrecon init with --status '%[1]s=processing'"})
	}
	for _, check := range checks {
		for difference, ids := range check.ids {
			if len(ids)*2 > check.compared && (len(ids) > 1 || powerOfTen.MatchString(difference)) {
				return config.UsageErrorf(check.text+" (%d of %d payins, such as %s)", difference, len(ids), check.compared,
					ids[0])
			}
		}
	}
	return nil
}

var powerOfTen = regexp.MustCompile(`^(?:10+|1/10+)$`)

// result returns an error if more than half of the amounts differ, or if HighHelp knows no payin.
func (c *comparison) result() (warning string, err error) {
	if err := c.mapped(); err != nil {
		return "", err
	}
	differ := slices.Concat(slices.Collect(maps.Values(c.amounts.ids))...)
	slices.Sort(differ)
	compared := c.amounts.compared
	switch {
	case len(differ)*2 > compared && compared > 1:
		return "", config.UsageErrorf("HighHelp has other initial amounts for %d of %d payins, such as %s: correct the "+
			"columns that the queries return as amount and payment_id", len(differ), compared, differ[0])
	case c.answered == 0 && c.unknown >= 3:
		return "", config.UsageErrorf("HighHelp knows none of %d payins: correct the column that the queries return as "+
			"payment_id, or add the prefix of the ids at HighHelp", c.unknown)
	case len(differ) > 0:
		return "HighHelp has another initial amount for " + strings.Join(differ, ", "), nil
	case compared == 0:
		return strings.TrimSpace("no amount was compared with HighHelp's. " + i18n.English().Sentence(c.problem)), nil
	case c.unanswered > 0:
		return fmt.Sprintf("HighHelp answered only %d of %d payins: %s", c.answered+c.unknown,
			c.answered+c.unknown+c.unanswered, i18n.English().Sentence(c.problem)), nil
	}
	return "", nil
}
