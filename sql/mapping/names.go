package mapping

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
)

//go:embed names.txt
var namesText string

// names contains the lines of names.txt by key, and patterns the same lines as regular expressions for whole names.
var (
	names    = make(map[string][]string)
	patterns = make(map[string][]*regexp.Regexp)
)

const unitSuffix = `_(?:minor(?:_units?)?|t[iy]{1,4}n|cents?|kop(?:eeks?|ecks?)?|soms?|kgs|major)`

func init() {
	for line := range strings.Lines(namesText) {
		key, text, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || line[0] == '#' {
			continue
		}
		text = strings.ReplaceAll(text, "_UNIT", unitSuffix)
		names[key] = append(names[key], strings.Fields(text)...)
		patterns[key] = append(patterns[key], regexp.MustCompile("(?s)^(?:"+text+")$"))
	}
}

// match returns the first pattern of a key that a name matches, or -1.
func match(key, name string) int {
	return slices.IndexFunc(patterns[key], func(p *regexp.Regexp) bool { return p.MatchString(name) })
}

var (
	wordStart = regexp.MustCompile(`([\p{Ll}\p{Nd}])(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})`)
	noLetters = regexp.MustCompile(`[^\pL\p{Nd}]+`)
	prefix    = regexp.MustCompile(`^(?:status|state|payment|payin|pay|order|ps|st)_`)
)

// plain converts a name to snake case. CreatedAt, CREATED-AT and "created at" become created_at.
func plain(name string) string {
	name = strings.ToLower(wordStart.ReplaceAllString(name, "${1}${3}_${2}${4}"))
	return strings.Trim(noLetters.ReplaceAllString(strings.ReplaceAll(name, "ё", "е"), "_"), "_")
}

// meaning returns the status that a word usually means, or "", and the position of the word among its synonyms.
func meaning(word string) (status string, position int) {
	for _, form := range []string{plain(word), prefix.ReplaceAllString(plain(word), "")} {
		for _, status := range Statuses {
			if i := slices.Index(names[status], form); i >= 0 {
				return status, i
			}
		}
	}
	return "", 0
}

// base returns the column's base type. For an enum, base returns "enum".
func (c *Column) base() string {
	if len(c.Enum) > 0 {
		return "enum"
	}
	return c.Base
}

func (c *Column) isText() bool {
	return slices.Contains([]string{"text", "varchar", "bpchar", "citext"}, c.Base)
}
func (c *Column) isInteger() bool { return slices.Contains([]string{"int2", "int4", "int8"}, c.Base) }

// rank returns how usual a column's name is for a role, from 0 for the most certain, or -1. The name of the table may
// be a prefix, as in order_amount.
func (t *Table) rank(r Role, c *Column) int {
	writes := r == Status || r == SubStatus || r == SettledAmount || r == UpdatedAt
	if !slices.Contains(names[string(r)+" types"], c.base()) || writes && c.Generated ||
		r == SubStatus && shortText.MatchString(c.Type) {
		return -1
	}
	rank := match(string(r), plain(c.Name))
	if short, ok := strings.CutPrefix(plain(c.Name), strings.TrimSuffix(plain(t.Name), "s")+"_"); ok && rank < 0 {
		rank = match(string(r), short)
	}
	return rank
}

// shortText matches types that are too short for HighHelp's longest sub-status, which has 24 characters.
var shortText = regexp.MustCompile(`^character varying\((?:\d|1\d|2[0-3])\)$`)

// candidates returns the columns that can have a role, the most certain first, and the rank of each.
func (t *Table) candidates(r Role) (columns []*Column, ranks []int) {
	for rank := range patterns[string(r)] {
		for i := range t.Columns {
			if c := &t.Columns[i]; t.rank(r, c) == rank && (r != PaymentID || c.Refers == nil && (c.Unique || rank < 3)) {
				columns, ranks = append(columns, c), append(ranks, rank)
			}
		}
	}
	return columns, ranks
}

// column finds a column by name, if possible with the same upper and lower case.
func (t *Table) column(name string) *Column {
	var found *Column
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Name == name || found == nil && strings.EqualFold(c.Name, name) {
			found = c
		}
	}
	return found
}

// String returns SCHEMA.NAME without quotes, as the flag table accepts it.
func (t *Table) String() string { return t.Schema + "." + t.Name }
