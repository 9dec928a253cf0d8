package service

import (
	"context"
	"errors"
	"fmt"
	"math/big"
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
// asks no more about that project. It returns nil and an error if no project has usable keys. Call done at the end.
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
		a, known := answers[key]
		if known || client == nil {
			return a
		}
		info, err := client.PayinInfo(ctx, paymentID)
		if err == nil && (info.PaymentID != paymentID || !strings.EqualFold(info.ProjectID, projectID)) {
			info, err = nil, highhelp.ErrMalformed // the answer is about another payin
		}
		a = reconcile.NewAnswer(info, err, time.Now())
		if answers[key] = a; a.Result == reconcile.ResultUnreachable || errors.Is(err, highhelp.ErrUnauthorized) {
			delete(clients, projectID)
		}
		return a
	}, done, nil
}

// ComparePayins prints n payins of a project as the merchant's queries read them, each with HighHelp's answer. If ask
// is nil, it prints only the payins. It returns an error if the answers show that the queries read a wrong unit, column
// or time zone, or that the settings swap statuses. A warning means that the amounts of a few payins differ.
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
	if ask == nil {
		return "", nil
	}
	return c.result()
}

// comparison counts the payins whose amounts agree with HighHelp's initial amounts.
type comparison struct {
	answered, unknown, compared int
	factors                     map[string][]string // payment IDs by HighHelp's amount divided by the row's, except 1
	problem                     reconcile.Reason    // why there is no usable answer

	project                   *reconcile.Project
	timed, final              int
	shifted, swapped, foreign map[string][]string // payment IDs by difference in time, statuses and currency
	early                     map[string][]string // IDs of payins that are open at HighHelp, by status of success
	success                   map[string]int      // payins with answers, by status of success
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
		return []any{"gave no usable answer"}
	}
	c.addStatus(payin, a.Info.Status)
	status, info := a.Info.Status, a.Info.PaymentInfo
	if a.Info.SubStatus != "" {
		status += ":" + a.Info.SubStatus
	}
	if info == nil {
		return []any{status}
	}
	c.addTime(payin, info)
	if info.InitialAmount > 0 && payin.Amount > 0 {
		c.compared++
		if factor := big.NewRat(info.InitialAmount, payin.Amount).RatString(); factor != "1" {
			group(&c.factors, factor, payin)
		}
		if info.Currency != payin.Currency {
			group(&c.foreign, fmt.Sprintf("%s, but the queries read %s", info.Currency, payin.Currency), payin)
		}
	}
	return []any{status, reconcile.FormatAmount(info.InitialAmount, info.Currency),
		reconcile.FormatAmount(info.Amount, info.Currency)}
}

func group(groups *map[string][]string, key string, payin *reconcile.Payin) {
	if *groups == nil {
		*groups = make(map[string][]string)
	}
	(*groups)[key] = append((*groups)[key], payin.PaymentID)
}

// addStatus compares a final status with HighHelp's status.
func (c *comparison) addStatus(payin *reconcile.Payin, theirs string) {
	final := theirs == highhelp.StatusSuccess || theirs == highhelp.StatusDecline
	if slices.Contains(c.project.SuccessStatuses(), payin.Status) {
		if c.success == nil {
			c.success = make(map[string]int)
		}
		if c.success[payin.Status]++; !final {
			group(&c.early, payin.Status, payin)
		}
	}
	if !final || !slices.Contains(c.project.FinalStatuses(), payin.Status) {
		return
	}
	ours := highhelp.StatusDecline
	if slices.Contains(c.project.SuccessStatuses(), payin.Status) {
		ours = highhelp.StatusSuccess
	}
	if c.final++; ours != theirs {
		group(&c.swapped, "", payin)
	}
}

// addTime compares the time of creation with the time at which the payin expires at HighHelp. Time zones differ by
// multiples of 15 minutes.
func (c *comparison) addTime(payin *reconcile.Payin, info *highhelp.PaymentInfo) {
	if info.Lifetime <= 0 || info.ExpirationDate <= 0 {
		return
	}
	created := time.Unix(info.ExpirationDate-info.Lifetime, 0)
	shift := payin.CreatedAt.Sub(created)
	whole := shift.Round(15 * time.Minute)
	if c.timed++; whole != 0 && whole.Abs() <= 14*time.Hour && (shift-whole).Abs() <= time.Minute {
		group(&c.shifted, whole.String(), payin)
	}
}

// mapped returns an error if most of several answers show another time zone, another currency or swapped statuses.
func (c *comparison) mapped() error {
	for status, ids := range c.early {
		if len(ids) > 1 && len(ids)*2 > c.success[status] {
			return config.UsageErrorf("the status %q means success here, but %d of %d payins with it are open at HighHelp, "+
				"such as %s: correct status_map and final_statuses, or repeat hhrecon init with --status '%[1]s=processing'",
				status, len(ids), c.success[status], ids[0])
		}
	}
	for _, check := range []struct {
		groups map[string][]string
		of     int
		text   string
	}{
		{c.shifted, c.timed, "the queries read created_at with a shift of %s from HighHelp's times: correct the time " +
			"zone in all queries, or repeat hhrecon init with another --timezone"},
		{c.foreign, c.compared, "HighHelp has the currency %s: correct the column of currency"},
		{c.swapped, c.final, "HighHelp has success for statuses that mean decline here, or the reverse%s: correct " +
			"status_map and final_statuses"},
	} {
		for key, ids := range check.groups {
			if len(ids) > 1 && len(ids)*2 > check.of {
				return config.UsageErrorf(check.text+" (%d of %d payins, such as %s)", key, len(ids), check.of, ids[0])
			}
		}
	}
	return nil
}

// result returns an error if more than half of the amounts differ, or if HighHelp knows no payin.
func (c *comparison) result() (warning string, err error) {
	if err := c.mapped(); err != nil {
		return "", err
	}
	var differ []string
	for factor, ids := range c.factors {
		// The amount of a single payin may have changed, but not by a power of ten.
		if len(ids)*2 > c.compared && (c.compared > 1 || strings.Trim(factor, "1/0") == "") {
			return "", config.UsageErrorf("HighHelp's initial amounts are %s times the amounts that the queries read, for "+
				"%d of %d payins, such as %s: correct the unit of amount, or the column that the queries return as "+
				"amount", factor, len(ids), c.compared, ids[0])
		}
		differ = append(differ, ids...)
	}
	slices.Sort(differ)
	switch {
	case len(differ)*2 > c.compared && c.compared > 1:
		return "", config.UsageErrorf("HighHelp has other initial amounts for %d of %d payins, such as %s: correct the "+
			"columns that the queries return as amount and payment_id", len(differ), c.compared, differ[0])
	case c.answered == 0 && c.unknown >= 3:
		return "", config.UsageErrorf("HighHelp knows none of %d payins: correct the column that the queries return as "+
			"payment_id, or add the prefix of the ids at HighHelp", c.unknown)
	case len(differ) > 0:
		return "HighHelp has another initial amount for " + strings.Join(differ, ", "), nil
	case c.compared == 0:
		return strings.TrimSpace("no amount was compared with HighHelp's. " + i18n.English().Sentence(c.problem)), nil
	}
	return "", nil
}
