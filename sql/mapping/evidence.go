package mapping

import (
	"context"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// asked is a row of the sample with HighHelp's answer. The answer has payment_info.
type asked struct {
	row    map[string]string
	id     string
	answer reconcile.Answer
}

// maxAsked is the number of payins that are queried at HighHelp for each column that may contain the ids.
const maxAsked = 5

// askAbout asks HighHelp about a few payins, with the ids of a field. It returns the payins that HighHelp knows, and
// the ids that HighHelp does not know. It skips payins without a usable answer.
func (p *proposer) askAbout(ctx context.Context, f Field) (known []asked, unknown []string) {
	project, perRow := p.m.Fields[ProjectID]
	rows := slices.DeleteFunc(slices.Clone(p.sample), func(row map[string]string) bool {
		status, _ := meaning(row[source(p.m.Fields[Status])])
		return status == "new" // HighHelp may not know the payin yet
	})
	step := max(1, min(len(rows), 100)/maxAsked)
	for i := 0; i < len(rows) && len(known)+len(unknown) < maxAsked; i += step {
		row := rows[i]
		id, projectID := row[source(f)], strings.Join(p.m.Projects, " ")
		if perRow {
			projectID = row[source(project)]
		}
		if projectID = p.projectOf(projectID); id == "" || projectID == "" || p.c.Ask == nil {
			continue
		}
		switch a := p.c.Ask(ctx, projectID, id); {
		case a.Result == reconcile.ResultNotFound:
			unknown = append(unknown, id)
		case a.Result == reconcile.ResultAnswered && a.Info.PaymentInfo != nil:
			known = append(known, asked{row, id, a})
		}
	}
	return known, unknown
}

// projectOf returns the known project that a text means, or "".
func (p *proposer) projectOf(text string) string {
	for _, id := range p.m.Projects {
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
	columns, _ := p.m.Table.candidates(ProjectID)
	chosen, isChosen := p.m.Fields[ProjectID]
	if chosen.Column != nil {
		columns = []*Column{chosen.Column}
	} else if p.c.Columns[ProjectID] != "" {
		columns = nil
	}
	q := p.columnQuestion(ProjectID, columns)
	several, rows := false, len(columns) == 0
	for _, c := range columns {
		for _, f := range p.projectFields(c) {
			words, err := p.count(ctx, source(f), p.from())
			if err != nil {
				return err
			}
			several, rows = several || len(words) != 1, rows || len(words) > 0
			if !q.Certain && slices.ContainsFunc(words, p.isProject) {
				p.m.Fields[ProjectID] = f
				q.Proposal, q.Certain, q.Evidence = c.Name, true, "its values are ids of projects"
				if len(p.c.Projects) == 0 {
					p.m.Projects = strings.Split(wordList(words), ", ")
				}
			}
		}
	}
	if !isChosen && !q.Certain {
		p.noProject(&q, several, rows)
	}
	if p.c.Columns[ProjectID] == "" || !isChosen && !q.Certain {
		p.add(q)
	}
	return nil
}

// isProject reports whether a value is the id of a known project, or of any project if none is known.
func (p *proposer) isProject(w StatusWord) bool {
	return p.projectOf(w.Word) != "" || len(p.c.Projects) == 0 && uuid.MatchString(w.Word)
}

// noProject completes the question for a table in which no column has ids of projects.
func (p *proposer) noProject(q *Question, several, rows bool) {
	switch {
	case len(p.c.Projects) == 0:
		*q = Question{Flag: "project", Evidence: "no column contains project ids; write the project_id that HighHelp " +
			"assigned",
			Text: fmt.Sprintf("Which project of HighHelp do the payins of %s belong to?", &p.m.Table)}
	case len(p.c.Projects) > 1:
		q.Proposal, q.Options = "", nil
		q.Evidence = "no column contains the project ids; an expression can compute the ids, such as --column " +
			"\"project_id=case shop when 1 then 'ID' else 'OTHER-ID' end\""
	case !several:
		q.Proposal, q.Certain, q.Evidence = None, true, "all payins belong to the project "+p.c.Projects[0]
	case !rows:
		q.Evidence = "the table has no rows"
	default:
		q.Proposal = None
		q.Evidence = "the payins may belong to several projects; none means that all belong to " + p.c.Projects[0]
	}
}

// projectFields returns a column, and the columns with texts and UUIDs of the table that it refers to.
func (p *proposer) projectFields(c *Column) []Field {
	fields := []Field{{Column: c}}
	if c.Refers == nil {
		return fields
	}
	for _, name := range p.s.columns(c.Refers) {
		if name.isText() || name.Base == "uuid" {
			l := *c.Refers
			l.Name = name.Name
			fields = append(fields, Field{Column: c, Lookup: &l})
		}
	}
	return fields
}

// paymentID finds the column that has HighHelp's payment_id. With keys, HighHelp's answers decide.
func (p *proposer) paymentID(ctx context.Context) error {
	if f, chosen := p.m.Fields[PaymentID]; chosen {
		known, unknown := p.askAbout(ctx, f)
		if p.asked = known; len(known) == 0 && len(unknown) > 2 {
			return db.Errorf("--column payment_id=%s: HighHelp does not know these ids, such as %s%s",
				p.c.Columns[PaymentID], unknown[0], prefixHint)
		}
		return nil
	}
	columns, ranks := p.m.Table.candidates(PaymentID)
	q := p.columnQuestion(PaymentID, columns)
	var denied []string
	for _, c := range columns[:min(3, len(columns))] {
		known, unknown := p.askAbout(ctx, Field{Column: c})
		if len(known) > len(unknown) {
			p.asked, q.Certain, q.Proposal = known, true, c.Name
			q.Evidence = fmt.Sprintf("HighHelp knows payins with these ids, such as %s", known[0].id)
			break
		}
		if len(unknown) > 0 {
			denied = append(denied, fmt.Sprintf("%s, such as %s", c.Name, unknown[0]))
		}
	}
	switch {
	case q.Certain:
	case len(columns) == 0:
		q.Evidence = "no column with unique values has a common name for payment ids"
	case len(denied) > 0:
		q.Proposal, q.Options = "", nil
		q.Evidence = "HighHelp does not know the ids in " + strings.Join(denied, "; ") + prefixHint +
			"; if another table has the payins, choose it with --table"
	default:
		q.Certain, q.Evidence = p.certainID(columns, ranks)
	}
	if q.Certain {
		p.set(PaymentID, p.m.Table.column(q.Proposal))
	}
	for i := range p.questions { // HighHelp knows payins of several merchants, shops or the like in one project
		if old := &p.questions[i]; old.Before == "project_id=" && old.Proposal == None && len(p.asked) == maxAsked {
			old.Certain = true
		}
	}
	p.add(q)
	return nil
}

const prefixHint = "; if they have a prefix at HighHelp, write an expression, such as --column " +
	"\"payment_id='order-' || id\""

// certainID reports whether the first of the columns must have the ids, without asking HighHelp, and why.
func (p *proposer) certainID(columns []*Column, ranks []int) (bool, string) {
	c, others := columns[0], len(columns) > 1
	switch {
	case c.isInteger():
		return false, "the ids are numbers" + prefixHint
	case others && (ranks[1] == ranks[0] || ranks[0] > 2):
		return false, "several columns may contain the payment ids: " + columnList(columns)
	case !c.Unique:
		return false, fmt.Sprintf("no unique constraint or index has only the column %s", c.Name)
	}
	return true, "the column's name and its unique values"
}

// lifetime asks whether a small integer is a number of minutes.
func (p *proposer) lifetime(context.Context) error {
	f := p.m.Fields[Lifetime]
	if _, chosen := p.c.Columns[Lifetime]; chosen || f.Column == nil || !f.Column.isInteger() {
		return nil
	}
	long := func(v string) bool { return len(v) > 2 }
	if v := p.values(f); len(v) > 0 && !slices.ContainsFunc(v, long) || strings.Contains(plain(f.Column.Name), "_min") {
		p.doubt(Lifetime, source(f)+" * 60", p.where(Lifetime)+" is probably in minutes, and hhrecon needs seconds")
	}
	return nil
}

// currency checks the currencies of the sample, or takes HighHelp's currency or the som if there is no column.
func (p *proposer) currency(context.Context) error {
	f, known := p.m.Fields[Currency]
	if !known {
		p.m.Currency = "KGS"
		for _, a := range p.asked {
			p.m.Currency = a.answer.Info.PaymentInfo.Currency
		}
		return nil
	}
	name := f.Expression
	if f.Column != nil {
		name = f.Column.Name
	}
	for _, v := range p.values(f) {
		if decimals, _ := reconcile.Exponent(strings.ToUpper(v)); decimals != 2 && v != "417" {
			p.doubt(Currency, "", fmt.Sprintf("%s has the value %q, which is not a currency of ISO 4217 with two decimals; an "+
				"expression can translate it, such as --column \"currency=case %s when %s then 'CODE' end\"",
				p.where(Currency), v, name, pq.QuoteLiteral(v)))
			break
		}
	}
	return nil
}

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
		if p.m.Unit == Minor && slices.ContainsFunc(p.values(f), fraction.MatchString) {
			return db.Errorf("--unit minor: amounts in the %s have decimals, so they are in major units", p.where(Amount))
		}
		return nil
	}
	q := Question{Flag: "unit", Options: []string{string(Major), string(Minor)}, Proposal: string(unit),
		Text:     fmt.Sprintf("Is the %s in major units (500.00 som) or in minor units (50000 tiyin)?", p.where(Amount)),
		Evidence: "HighHelp's amounts of the same payins"}
	if unit == "" {
		q.Proposal, q.Evidence = p.unitHints(f)
	}
	q.Certain, p.m.Unit = q.Proposal != "", Unit(q.Proposal)
	p.add(q)
	return nil
}

// unitHints returns the unit that the column's name, comment, type and values show without contradiction, or "".
func (p *proposer) unitHints(f Field) (unit, evidence string) {
	values, reasons := p.values(f), make(map[Unit][]string)
	hint := func(unit Unit, shows bool, reason string) {
		if shows {
			reasons[unit] = append(reasons[unit], reason)
		}
	}
	hint(Major, slices.ContainsFunc(values, fraction.MatchString), "amounts with decimals")
	if c := f.Column; c != nil {
		for _, text := range []string{plain(c.Name), c.Comment} {
			minor, major := match("minor", text) >= 0, match("major", text) >= 0
			factor := minor && major || strings.Contains(text, "100") // such as "som x100"
			hint(Minor, minor || factor, strconv.Quote(text))
			hint(Major, major || factor, strconv.Quote(text))
		}
		hint(Major, c.Base == "money" || c.Scale > 0 && (len(values) == 0 || slices.ContainsFunc(values, small.MatchString)),
			"the type "+c.Type)
	}
	switch major, minor := strings.Join(reasons[Major], ", "), strings.Join(reasons[Minor], ", "); {
	case major != "" && minor != "":
		return "", "the evidence is contradictory: " + major + " for major units; " + minor + " for minor units"
	case major != "":
		return string(Major), major
	case minor != "":
		return string(Minor), minor
	}
	return "", "the newest amounts are " + strings.Join(values[:min(len(values), 5)], ", ")
}

// ratio returns a / b, or nil if one of the texts is not a positive number.
func ratio(a, b string) *big.Rat {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	if !okX || !okY || x.Sign() <= 0 || y.Sign() <= 0 {
		return nil
	}
	return x.Quo(x, y)
}

// small matches amounts without decimals that are too small for tiyin. Larger ones may be tiyin in spite of their type.
var small = regexp.MustCompile(`^[1-9]\d{0,2}(?:\.0*)?$`)

var fraction = regexp.MustCompile(`\.\d*[1-9]`)

var powerOfTen = regexp.MustCompile(`^(?:10+|1/10+)$`)

// askedUnit returns the unit that HighHelp's answers show, or "". It returns an error if the amounts of most payins
// differ by a factor that is not a unit.
func (p *proposer) askedUnit(f Field) (Unit, error) {
	counts, total, factor, example := make(map[string]int), 0, "", ""
	for _, a := range p.asked {
		theirs := strconv.FormatInt(a.answer.Info.PaymentInfo.InitialAmount, 10)
		if r := ratio(theirs, a.row[source(f)]); r != nil {
			total++
			if counts[r.RatString()]++; counts[r.RatString()] > counts[factor] {
				factor = r.RatString()
				example = fmt.Sprintf("payin %s with %s at HighHelp and %s in the table", a.id, theirs, a.row[source(f)])
			}
		}
	}
	switch {
	case counts[factor]*2 <= total, counts[factor] == 1 && !powerOfTen.MatchString(factor) && factor != "1":
		return "", nil // the amounts of some payins have changed
	case factor == "1":
		return Minor, nil
	case factor == "100":
		return Major, nil
	}
	return "", db.Errorf("HighHelp's amounts are %s times the amounts in the %s, such as %s; the factor is 1 for "+
		"minor units "+
		"and 100 for major units; choose another column or an expression, such as --column 'amount=%s * %[1]s' --unit minor",
		factor, p.where(Amount), example, source(f))
}

// settled checks that the settled amount has the unit of the amount.
func (p *proposer) settled(context.Context) error {
	f, amount := p.m.Fields[SettledAmount], p.m.Fields[Amount]
	if _, chosen := p.c.Columns[SettledAmount]; chosen || f.Column == nil || amount.Column == nil {
		return nil
	}
	same, other := 0, 0
	for _, row := range p.sample {
		if r := ratio(row[source(f)], row[source(amount)]); r != nil {
			if factor, _ := r.Float64(); factor > 0.05 && factor < 20 {
				same++
			} else {
				other++
			}
		}
	}
	unlike := f.Column.isInteger() != amount.Column.isInteger() || p.m.Table.rank(SettledAmount, f.Column) > 1
	shown, _ := p.unitHints(f)
	if same < other || same == 0 && unlike || shown != "" && shown != string(p.m.Unit) {
		p.doubt(SettledAmount, None, fmt.Sprintf("column %s may use another unit than column %s; without this column, %s",
			f.Column.Name, amount.Column.Name, without[SettledAmount]))
	}
	return nil
}
