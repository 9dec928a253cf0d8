package mapping

import (
	"regexp"
	"slices"
	"strings"
)

// roleName describes the usual names and the types of a role's columns. Names of the first groups are more certain.
type roleName struct {
	groups []*regexp.Regexp
	types  []string // pg_type.typname, or enum
}

// rank returns the first group that contains a name, or -1. An empty base type matches all types.
func (r roleName) rank(name, base string) int {
	if base != "" && !slices.Contains(r.types, base) {
		return -1
	}
	return slices.IndexFunc(r.groups, func(g *regexp.Regexp) bool { return g.MatchString(plain(name)) })
}

func names(types string, groups ...string) roleName {
	r := roleName{types: strings.Fields(types)}
	for _, g := range groups {
		r.groups = append(r.groups, regexp.MustCompile("^(?:"+g+")$"))
	}
	return r
}

const (
	texts    = "text varchar bpchar citext "
	integers = "int2 int4 int8 "
	times    = "timestamptz timestamp"
	inUnit   = `(?:_(?:minor(?:_units?)?|ti?yi?yi?n|tiyn|cents?|kop(?:eeks?|ecks?)?|soms?|kgs|major))?`
)

var roleNames = map[Role]roleName{
	ProjectID: names(texts+integers+"uuid enum", `(?:hh|high_?help)_(?:project|register|cash_register|shop|merchant)(?:_u?u?id)?`,
		`project(?:_u?u?id)?`,
		`(?:cash_?)?register(?:_id)?|kassa(?:_id)?|cashbox(?:_id)?|(?:shop|store|merchant|terminal|site|brand|tenant)(?:_u?u?id)?|касса|магазин`),
	PaymentID: names(texts+integers+"uuid", `(?:hh|high_?help)_(?:payment_|payin_|order_|external_)?(?:id|ref|reference|number|no|uuid)`,
		`(?:(?:provider|gateway|psp|merchant)_)?(?:payment|payin)_(?:id|uuid|ref|reference|number)`,
		`(?:external|ext|provider|gateway|psp)_(?:order_)?(?:id|uuid|ref|reference|number)`,
		`(?:order_|invoice_|public_|transaction_|txn_|deposit_)?(?:ref|reference|number|no|num|uuid|guid|code)|`+
			`(?:public|transaction|txn|invoice|order|deposit)_id|номер`, `id|код`),
	Amount: names("numeric int4 int8 float4 float8",
		`(?:(?:payin|payment|order|invoice|deposit|requested?|initial|original)_)?(?:amount|sum|summa)`+inUnit+`|сумма(?:_[\pL_]+)?`,
		`(?:grand_)?total(?:_(?:amount|sum|price))?`+inUnit+`|(?:total_)?(?:price|cost|value)`+inUnit+`|стоимость|цена|итого`),
	Currency: names(texts+integers+"enum", `(?:payment_|order_|amount_)?(?:currency|ccy|curr|cur|valuta)(?:_(?:code|iso|id))?|валюта`),
	Status: names(texts+integers+"enum",
		`(?:payment_|payin_|pay_|order_|current_)?(?:status|state|stat)(?:_(?:id|code|name))?|(?:статус|состояние)(?:_[\pL_]+)?`),
	SubStatus: names("text varchar citext", `(?:payment_|payin_|order_)?(?:sub_?)(?:status|state)(?:_code)?`,
		`(?:status|state)_(?:detail|details|reason)|подстатус`),
	SettledAmount: names("numeric int4 int8 float4 float8",
		`(?:settled|paid|received|credited|actual|fact|captured)(?:_(?:amount|sum|summa|total))?`+inUnit+`|`+
			`(?:amount|sum|summa|total)_(?:settled|paid|received|credited|actual|fact|captured)`+inUnit+`|(?:оплачено|зачислено)`),
	Lifetime: names(integers+"numeric interval "+times, `(?:payment_|order_)?(?:life_?time|ttl|time_to_live)(?:_(?:s|sec|secs|seconds|min|mins|minutes))?`,
		`(?:expires?|expiration|expiry)(?:_(?:at|on|date|time))?|valid_(?:until|till|to)|pay_(?:before|until)|due_at|истекает`),
	CreatedAt: names(times, `(?:created|inserted|placed)(?:_(?:at|on|date|time|ts|dt|datetime))?|create_(?:date|time|ts)|`+
		`(?:date|time)_(?:created|create)|creation_(?:date|time)|создано?|(?:дата|время)_создания`,
		`(?:order|payment|insert|registration|reg)_(?:date|time)|ordered_at|date_?time|date|time|ts|timestamp|дата|время`),
	UpdatedAt: names(times, `(?:last_)?(?:updated|modified|changed)(?:_(?:at|on|date|time|ts|dt|datetime))?|`+
		`(?:update|modify|change)_(?:date|time|ts)|(?:date|time)_(?:updated|modified|changed)|(?:last_(?:update|change|modification)(?:_at)?)|`+
		`(?:изменено?|обновлено?)|(?:дата|время)_(?:изменения|обновления)`),
}

var (
	wordStart = regexp.MustCompile(`([\p{Ll}\p{Nd}])(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})`)
	noLetters = regexp.MustCompile(`[^\pL\p{Nd}]+`)
)

// plain turns a name such as CreatedAt, CREATED-AT or "created at" into created_at.
func plain(name string) string {
	name = strings.ToLower(wordStart.ReplaceAllString(name, "${1}${3}_${2}${4}"))
	return strings.Trim(noLetters.ReplaceAllString(strings.ReplaceAll(name, "ё", "е"), "_"), "_")
}

func (t *Table) column(name string) *Column {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		i = slices.IndexFunc(t.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
	}
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

func (t *Table) String() string { return t.Schema + "." + t.Name }

// base returns the column's base type, or enum.
func (c *Column) base() string {
	if len(c.Enum) > 0 {
		return "enum"
	}
	return c.Base
}

func (c *Column) isText() bool    { return strings.Contains(texts, c.Base+" ") }
func (c *Column) isInteger() bool { return strings.Contains(integers, c.Base+" ") }

// rank returns how certain it is that a column of the table has a role, from 0 for the most certain, or -1.
func (t *Table) rank(r Role, c *Column) int {
	rank := roleNames[r].rank(c.Name, c.base())
	singular := strings.TrimSuffix(plain(t.Name), "s") + "_"
	if short, ok := strings.CutPrefix(plain(c.Name), singular); ok && rank < 0 {
		rank = roleNames[r].rank(short, c.base())
	}
	return rank
}

// candidates returns the columns that can have a role, the most certain first, and the rank of each.
func (t *Table) candidates(r Role) (columns []*Column, ranks []int) {
	for rank := range roleNames[r].groups {
		for i := range t.Columns {
			c := &t.Columns[i]
			if t.rank(r, c) == rank && (r != PaymentID || c.Unique || rank < 3) {
				columns, ranks = append(columns, c), append(ranks, rank)
			}
		}
	}
	return columns, ranks
}
