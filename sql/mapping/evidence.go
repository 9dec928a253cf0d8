package mapping

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// asked is a row of the sample with HighHelp's answer.
type asked struct {
	row    map[string]string
	id     string
	answer reconcile.Answer
}

// info returns HighHelp's payment_info, or nil.
func (a *asked) info() *paymentInfo {
	if a.answer.Info == nil || a.answer.Info.PaymentInfo == nil {
		return nil
	}
	i := a.answer.Info.PaymentInfo
	return &paymentInfo{i.InitialAmount, i.Currency, i.Lifetime, i.ExpirationDate}
}

// paymentInfo is what a mapping uses of HighHelp's payment_info.
type paymentInfo struct {
	InitialAmount  int64
	Currency       string
	Lifetime       int64 // seconds
	ExpirationDate int64 // Unix seconds
}

// maxAsked is how many payins HighHelp is asked about for each column that may have the ids.
const maxAsked = 5

// askAbout asks HighHelp about a few payins, with the ids of a field. It stops when HighHelp gives no usable answer.
func (p *proposer) askAbout(ctx context.Context, f Field) (all []asked, known int) {
	if p.c.Ask == nil {
		return nil, 0
	}
	project, perRow := p.m.Fields[ProjectID]
	for i := 0; i < len(p.sample) && len(all) < maxAsked; i += max(1, min(len(p.sample), 100)/maxAsked) {
		row := p.sample[i]
		id, projectID := row[source(f)], ""
		if len(p.m.Projects) == 1 {
			projectID = p.m.Projects[0]
		}
		if perRow {
			projectID = p.projectOf(row[source(project)])
		}
		if id == "" || projectID == "" {
			continue
		}
		a := p.c.Ask(ctx, projectID, id)
		if a.Result != reconcile.ResultAnswered && a.Result != reconcile.ResultNotFound {
			p.c.Ask = nil
			break
		}
		if a.Info != nil {
			known++
		}
		all = append(all, asked{row, id, a})
	}
	return all, known
}

// projectOf returns the id of the project that a text means, or "".
func (p *proposer) projectOf(text string) string {
	for _, id := range p.c.Projects {
		if strings.EqualFold(id, text) {
			return id
		}
	}
	return ""
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// projects finds the column that has the ids of HighHelp's projects, or a lookup table that has them.
func (p *proposer) projects(ctx context.Context) error {
	p.m.Projects = p.c.Projects
	f, known := p.m.Fields[ProjectID]
	columns, _ := p.m.Table.candidates(ProjectID)
	several := ""
	choice, chosen := p.c.Columns[ProjectID]
	for _, c := range columns {
		for _, try := range p.projectFields(c) {
			if chosen || known {
				continue
			}
			words, err := p.count(ctx, source(try))
			if err != nil {
				return err
			}
			if try.Lookup == nil && len(words) != 1 {
				several = fmt.Sprintf("column %s has %s", c.Name, plural(int64(len(words)), "value", "values"))
			}
			matches := func(w StatusWord) bool {
				return p.projectOf(w.Word) != "" || len(p.c.Projects) == 0 && uuid.MatchString(w.Word)
			}
			if known = slices.ContainsFunc(words, matches); known {
				f = try
			}
		}
	}
	q := p.columnQuestion(ProjectID, columns)
	switch {
	case chosen && choice == None && len(p.c.Projects) > 1:
		return db.Errorf("--column project_id=none: payins of %d projects need a column; write an expression, such as --column "+
			"\"project_id=case p.shop when 1 then 'ID' else 'OTHER-ID' end\"", len(p.c.Projects))
	case known:
		p.m.Fields[ProjectID] = f
		q.Proposal, q.Certain, q.Evidence = columnName(f), true, "its values are ids of projects"
		if len(p.m.Projects) == 0 {
			words, err := p.count(ctx, source(f))
			if err != nil {
				return err
			}
			for _, w := range words {
				p.m.Projects = append(p.m.Projects, w.Word)
			}
		}
	case len(p.c.Projects) == 0:
		q = Question{Text: fmt.Sprintf("Which project of HighHelp do the payins of %s belong to?", &p.m.Table), Flag: "project",
			Evidence: "no project is known, and no column has ids of projects; write the project_id that HighHelp assigned"}
	case len(p.c.Projects) == 1 && several == "":
		q.Proposal, q.Certain, q.Evidence = None, true, "all payins belong to the project "+p.c.Projects[0]
	default:
		q.Evidence = "no column has the ids of the projects"
		if several != "" {
			q.Evidence += "; " + several
		}
		q.Evidence += "; an expression can give them, such as \"project_id=case p.shop when 1 then 'ID' else 'OTHER-ID' end\""
	}
	if !chosen || q.Flag == "project" {
		p.add(q)
	}
	return nil
}

func columnName(f Field) string {
	if f.Column == nil {
		return f.Expression
	}
	return f.Column.Name
}

// projectFields returns a column, and the columns with texts and UUIDs of the table that it refers to.
func (p *proposer) projectFields(c *Column) []Field {
	fields := []Field{{Column: c}}
	if c.Refers == nil {
		return fields
	}
	if t := p.s.table(c.Refers.Schema, c.Refers.Table); t != nil {
		for _, name := range t.Columns {
			if name.isText() || name.Base == "uuid" {
				l := *c.Refers
				l.Name = name.Name
				fields = append(fields, Field{Column: c, Lookup: &l})
			}
		}
	}
	return fields
}

// paymentID finds the column that has HighHelp's payment_id. With keys, HighHelp's answers decide.
func (p *proposer) paymentID(ctx context.Context) error {
	if f, chosen := p.m.Fields[PaymentID]; chosen {
		p.asked, _ = p.askAbout(ctx, f)
		return nil
	}
	columns, ranks := p.m.Table.candidates(PaymentID)
	q := p.columnQuestion(PaymentID, columns)
	if len(columns) == 0 {
		q.Evidence = "no column with unique values has a usual name for it"
		p.add(q)
		return nil
	}
	var denied []string
	for i, c := range columns[:min(3, len(columns))] {
		all, known := p.askAbout(ctx, Field{Column: c})
		if known*2 > len(all) {
			p.asked, q.Certain, q.Proposal = all, true, c.Name
			q.Evidence = fmt.Sprintf("HighHelp knows %d of %d payins with these ids, such as %s", known, len(all), all[0].id)
			break
		}
		if len(all) > 0 {
			denied = append(denied, fmt.Sprintf("%s, such as %s", c.Name, all[0].id))
			ranks[i] = 100
		}
	}
	if len(denied) > 0 && !q.Certain {
		q.Proposal = ""
		q.Evidence = "HighHelp does not know the ids in " + strings.Join(denied, "; ") +
			"; if the ids have a prefix, write an expression, such as \"payment_id='order-' || p.id\""
	}
	if len(denied) == 0 && !q.Certain {
		q.Certain, q.Evidence = p.certainID(columns, ranks)
	}
	if q.Certain {
		p.set(PaymentID, p.m.Table.column(q.Proposal))
	}
	p.add(q)
	return nil
}

// certainID reports whether the first of the columns must have the ids, without asking HighHelp, and why.
func (p *proposer) certainID(columns []*Column, ranks []int) (bool, string) {
	c := columns[0]
	others := len(columns) > 1
	sameRank := others && ranks[1] == ranks[0]
	switch {
	case c.isInteger():
		return false, "the ids are numbers; HighHelp may know them with a prefix, such as \"payment_id='order-' || p.id\""
	case sameRank:
		return false, "several columns have usual names for it"
	case !c.Unique:
		return false, fmt.Sprintf("no unique constraint or index has only the column %s", c.Name)
	case len(p.values(Field{Column: c})) < len(p.sample):
		return false, fmt.Sprintf("column %s is null in some rows", c.Name)
	case ranks[0] > 2 && others:
		return false, "another column may have the ids too"
	}
	return true, "the column's name and its unique values"
}

// lifetime decides the unit of a lifetime. HighHelp's lifetimes are minutes or hours, in seconds.
func (p *proposer) lifetime(context.Context) error {
	f, known := p.m.Fields[Lifetime]
	if _, chosen := p.c.Columns[Lifetime]; !known || chosen || !f.Column.isInteger() {
		return nil
	}
	minutes := fmt.Sprintf("cast(%s * 60 as bigint)", source(f))
	var longest int64
	for _, v := range p.values(f) {
		n, _ := strconv.ParseInt(v, 10, 64)
		longest = max(longest, n)
	}
	named := strings.Contains(plain(f.Column.Name), "_min")
	if !named && (longest == 0 || longest >= 180) {
		return nil
	}
	p.questions = slices.DeleteFunc(p.questions, func(q Question) bool { return q.Before == string(Lifetime)+"=" })
	q := p.columnQuestion(Lifetime, []*Column{f.Column})
	q.Options = append([]string{minutes}, q.Options...)
	q.Text, q.Proposal = fmt.Sprintf("Is the %s in minutes or in seconds?", p.where(Lifetime)), minutes
	q.Evidence = fmt.Sprintf("the longest lifetime is %d", longest)
	delete(p.m.Fields, Lifetime)
	if q.Certain = named && longest < 1440; q.Certain {
		p.m.Fields[Lifetime] = Field{Expression: minutes}
		q.Evidence = "the column's name"
	}
	p.add(q)
	return nil
}

// currency checks the currencies of the sample, or takes the som if there is no column.
func (p *proposer) currency(context.Context) error {
	f, known := p.m.Fields[Currency]
	if !known {
		p.m.Currency = "KGS"
		for _, a := range p.asked {
			if info := a.info(); info != nil {
				p.m.Currency = cmp.Or(info.Currency, p.m.Currency)
			}
		}
		return nil
	}
	if f.Column == nil {
		return nil
	}
	for _, v := range p.values(f) {
		if _, iso := reconcile.Exponent(strings.ToUpper(v)); !iso && v != "417" {
			delete(p.m.Fields, Currency)
			p.questions = slices.DeleteFunc(p.questions, func(q Question) bool { return q.Before == string(Currency)+"=" })
			q := p.columnQuestion(Currency, []*Column{f.Column})
			q.Text, q.Proposal = fmt.Sprintf("Which currency do the payins of %s have?", &p.m.Table), ""
			q.Evidence = fmt.Sprintf("column %s has the value %q, which is not a currency of ISO 4217; an expression can translate it, "+
				"such as \"currency=case %s when %[2]q then 'KGS' end\"", f.Column.Name, v, source(f))
			p.add(q)
			return nil
		}
	}
	return nil
}

var (
	minorName = regexp.MustCompile(`(?i)minor|ti?yi?yi?n|tiyn|cents?\b|kop(?:eek|eck)|_kop$|тыйын|тийин|копе[ей]к|центах`)
	majorName = regexp.MustCompile(`(?i)\bsoms?\b|_soms?$|major|\bсом`)
)

// unit decides the unit of amounts. Without evidence it asks, because a wrong unit is a factor of 100 in money.
func (p *proposer) unit(context.Context) error {
	f, known := p.m.Fields[Amount]
	if !known {
		return nil
	}
	unit, err := p.askedUnit(f)
	if err != nil {
		return err
	}
	if p.m.Unit = p.c.Unit; p.m.Unit != "" {
		if unit != "" && unit != p.m.Unit {
			return db.Errorf("--unit %s: HighHelp's amounts of the same payins show that %s is in %s units; write --unit %[3]s",
				p.m.Unit, p.where(Amount), unit)
		}
		return nil
	}
	q := Question{Text: fmt.Sprintf("Is the %s in major units (500.00 som) or in minor units (50000 tiyin)?", p.where(Amount)),
		Flag: "unit", Options: []string{string(Major), string(Minor)}}
	if unit != "" {
		q.Proposal, q.Certain, q.Evidence = string(unit), true, "HighHelp's amounts of the same payins"
	} else if votes, reasons := p.unitHints(f); len(votes) == 1 {
		q.Proposal, q.Certain, q.Evidence = string(votes[0]), true, strings.Join(reasons, ", ")
	} else {
		some := p.values(f)
		q.Evidence = "the newest amounts are " + strings.Join(some[:min(len(some), 5)], ", ")
		if len(some) == 0 {
			q.Evidence = "the table has no rows"
		}
		if len(reasons) > 0 {
			q.Evidence += "; the evidence is contradictory: " + strings.Join(reasons, ", ")
		}
	}
	if q.Certain {
		p.m.Unit = Unit(q.Proposal)
	}
	p.add(q)
	return nil
}

// unitHints returns the units that the column's name, comment, type and values show, and the reasons.
func (p *proposer) unitHints(f Field) (votes []Unit, reasons []string) {
	vote := func(unit Unit, when bool, reason string) {
		if when {
			reasons = append(reasons, reason)
			if !slices.Contains(votes, unit) {
				votes = append(votes, unit)
			}
		}
	}
	if c := f.Column; c != nil {
		for text, reason := range map[string]string{plain(c.Name): "the column's name", c.Comment: "the column's comment"} {
			minor, major := minorName.MatchString(text), majorName.MatchString(text)
			vote(Minor, minor && !major, reason)
			vote(Major, major && !minor, reason)
		}
		vote(Major, c.Scale > 0, "the type "+c.Type)
	}
	fraction := func(v string) bool {
		_, decimals, _ := strings.Cut(v, ".")
		return strings.Trim(decimals, "0") != ""
	}
	vote(Major, slices.ContainsFunc(p.values(f), fraction), "amounts with decimals")
	return votes, reasons
}

// askedUnit returns the unit that HighHelp's answers show, or "". It returns an error if the amounts of most payins
// differ by a factor that is not a unit.
func (p *proposer) askedUnit(f Field) (Unit, error) {
	counts, total, factor := make(map[string]int), 0, ""
	var example asked
	for _, a := range p.asked {
		amount, ok := new(big.Rat).SetString(a.row[source(f)])
		if info := a.info(); info != nil && info.InitialAmount > 0 && ok && amount.Sign() > 0 {
			total++
			this := new(big.Rat).Quo(new(big.Rat).SetInt64(info.InitialAmount), amount).RatString()
			if counts[this]++; counts[this] > counts[factor] {
				factor, example = this, a
			}
		}
	}
	switch {
	case counts[factor]*2 <= total:
		return "", nil
	case factor == "1":
		return Minor, nil
	case factor == "100":
		return Major, nil
	case counts[factor] == 1 && !powerOfTen.MatchString(factor):
		return "", nil // the amount of one payin has changed
	}
	return "", db.Errorf("HighHelp's amounts are %s times those in the %s, such as payin %s with %d at HighHelp and %s in the "+
		"table; a factor is 1 for minor units and 100 for major units; choose another column or an expression, such as "+
		"--column 'amount=%s * %[1]s' --unit minor", factor, p.where(Amount), example.id, example.info().InitialAmount,
		example.row[source(f)], source(f))
}

var powerOfTen = regexp.MustCompile(`^(?:10+|1/10+)$`)

// settled checks that the settled amount has the unit of the amount.
func (p *proposer) settled(context.Context) error {
	f, known := p.m.Fields[SettledAmount]
	amount := p.m.Fields[Amount]
	if _, chosen := p.c.Columns[SettledAmount]; !known || chosen || amount.Column == nil {
		return nil
	}
	same, other := 0, 0
	for _, row := range p.sample {
		a, okA := new(big.Rat).SetString(row[source(amount)])
		s, okS := new(big.Rat).SetString(row[source(f)])
		if !okA || !okS || a.Sign() <= 0 || s.Sign() <= 0 {
			continue
		}
		factor, _ := new(big.Rat).Quo(s, a).Float64()
		if factor > 0.05 && factor < 20 {
			same++
		} else {
			other++
		}
	}
	if same > other || same+other == 0 && f.Column.isInteger() == amount.Column.isInteger() {
		return nil
	}
	delete(p.m.Fields, SettledAmount)
	p.questions = slices.DeleteFunc(p.questions, func(q Question) bool { return q.Before == string(SettledAmount)+"=" })
	q := p.columnQuestion(SettledAmount, []*Column{f.Column})
	q.Proposal = None
	q.Evidence = fmt.Sprintf("column %s seems to have another unit than column %s; %s", f.Column.Name, amount.Column.Name,
		without[SettledAmount])
	p.add(q)
	return nil
}
