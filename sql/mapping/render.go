package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// renderer renders the expressions of the queries. p is the merchant's table, and s is hhrecon_selection.
type renderer struct {
	*Mapping
	Setup
	alias         string    // "p.", or "" in an index
	reads, writes []string  // columns of the merchant's table, as SQL
	lookups       []*Lookup // tables that are read

	OwnerGrants, RuntimeGrants string // for hhrecon's own tables
}

// Table returns the name of the merchant's table.
func (r *renderer) Table() string {
	return ident(r.Mapping.Table.Schema) + "." + ident(r.Mapping.Table.Name)
}

// Has reports whether the merchant's table has a role.
func (r *renderer) Has(role Role) bool {
	_, ok := r.Fields[role]
	return ok
}

// base returns the base type of a role's column, or "" for an expression or a lookup.
func (r *renderer) base(role Role) string {
	if f := r.Fields[role]; f.Column != nil && f.Lookup == nil {
		return f.Column.Base
	}
	return ""
}

// Raw returns the column or expression of a role without any conversion.
func (r *renderer) Raw(role Role) string {
	f := r.Fields[role]
	if f.Column == nil {
		return "(" + r.qualify(f.Expression) + ")"
	}
	return r.column(f.Column.Name)
}

func (r *renderer) column(name string) string {
	r.reads = append(r.reads, ident(name))
	return r.alias + ident(name)
}

// named returns a role's value, with the name of a key.
func (r *renderer) named(role Role) string {
	l := r.Fields[role].Lookup
	if l == nil {
		return r.Raw(role)
	}
	return "(select " + l.name() + " from " + r.from(l) + " where l." + ident(l.Key) + " = " + r.Raw(role) + ")"
}

func (l *Lookup) name() string { return "cast(l." + ident(l.Name) + " as text)" }

func (r *renderer) from(l *Lookup) string {
	r.lookups = append(r.lookups, l)
	return ident(l.Schema) + "." + ident(l.Table) + " as l"
}

// Read returns the value of a role as the queries return it.
func (r *renderer) Read(role Role) string {
	x, base := "", r.base(role)
	if r.Has(role) {
		x = r.named(role)
	}
	switch role {
	case Amount, SettledAmount:
		return r.money(role, x, base)
	case Lifetime:
		return r.seconds(x, base)
	case CreatedAt, UpdatedAt:
		return r.time(x, base)
	case Currency:
		return r.currency(x, base)
	}
	switch {
	case x != "" && (r.Fields[role].Lookup != nil || base == "text" || base == "varchar"):
		return x
	case x != "":
		return "cast(" + x + " as text)"
	case role == ProjectID:
		return pq.QuoteLiteral(strings.ToLower(r.Mapping.Projects[0]))
	}
	return r.kept(role, "cast(:project_id as text)", r.Read(PaymentID), r.Read(Status))
}

// kept returns a value of hhrecon_payin.
func (r *renderer) kept(role Role, project, payment, status string) string {
	return fmt.Sprintf(`(
         select h.%s
         from hhrecon_payin as h
         where h.project_id = lower(%s) and h.payment_id = %s
           and h.status = %s
       )`, role, project, payment, status)
}

func (r *renderer) money(role Role, x, base string) string {
	if base == "money" {
		x = "cast(" + x + " as numeric)"
	}
	switch {
	case x == "":
		return r.kept(role, "cast(:project_id as text)", r.Read(PaymentID), r.Read(Status))
	case r.Unit == Major:
		return "cast(round(" + x + " * 100) as bigint)"
	case base == "int8":
		return x
	}
	return "cast(" + x + " as bigint)"
}

func (r *renderer) currency(x, base string) string {
	switch {
	case x == "":
		return pq.QuoteLiteral(r.Mapping.Currency)
	case base == "int2" || base == "int4" || base == "int8":
		return "case " + x + " when 417 then 'KGS' else cast(" + x + " as text) end"
	case base == "text" || base == "varchar" || base == "bpchar":
		return "upper(" + x + ")"
	}
	return "upper(cast(" + x + " as text))"
}

// seconds returns a lifetime. A column with the time of expiry is converted.
func (r *renderer) seconds(x, base string) string {
	switch base {
	case "int8", "int4", "int2":
		return x
	case "interval":
		return "cast(extract(epoch from " + x + ") as bigint)"
	case "timestamptz", "timestamp", "date":
		created := r.Read(CreatedAt)
		return "case when isfinite(" + x + ") and isfinite(" + r.Raw(CreatedAt) + ")\n            then " +
			"cast(extract(epoch from " + r.time(x, base) + " - " + created + ") as bigint) end"
	}
	if x == "" {
		return "cast(null as bigint)"
	}
	return "cast(" + x + " as bigint)"
}

// time returns a time with a time zone. Without a column, it returns null or the row's version, which looks like a time
// in 1970.
func (r *renderer) time(x, base string) string {
	switch {
	case x == "" && r.Xmin:
		return "to_timestamp(cast(cast(" + r.column("xmin") + " as text) as bigint) / 1000000.0)"
	case x == "":
		return "cast(null as timestamptz)"
	case base == "timestamp":
		return "(" + x + " at time zone " + pq.QuoteLiteral(r.Zone) + ")"
	case base == "date":
		return "(cast(" + x + " as timestamp) at time zone " + pq.QuoteLiteral(r.Zone) + ")"
	}
	return x
}

// UpdatedAt returns the value that correct_payins.sql returns, or "" if a write has no known time.
func (r *renderer) UpdatedAt() string {
	if !r.Has(UpdatedAt) {
		return ""
	}
	return r.Read(UpdatedAt)
}

// Payin returns the columns of open_payins.sql and final_payins.sql.
func (r *renderer) Payin() string {
	columns := make([]string, len(Roles))
	for i, role := range Roles {
		if columns[i] = r.Read(role); columns[i] != "p."+string(role) {
			columns[i] += " as " + string(role)
		}
	}
	return strings.Join(columns, ",\n       ")
}

// Project returns the condition for the rows of one project. An index on the plain column can be used.
func (r *renderer) Project() string {
	switch f := r.Fields[ProjectID]; {
	case !r.Has(ProjectID):
		return "lower(cast(:project_id as text)) = " + r.Read(ProjectID)
	case f.Lookup != nil:
		return fmt.Sprintf("%s = any (array(select l.%s from %s where %s = :project_id))", r.Raw(ProjectID),
			ident(f.Lookup.Key), r.from(f.Lookup), f.Lookup.name())
	case r.base(ProjectID) == "uuid":
		return r.Raw(ProjectID) + " = cast(:project_id as uuid)"
	}
	return r.Raw(ProjectID) + " = :project_id"
}

// SameProject returns the condition that a row belongs to the project of the selected row.
func (r *renderer) SameProject() string {
	switch {
	case !r.Has(ProjectID):
		return "lower(s.project_id) = " + r.Read(ProjectID)
	case r.base(ProjectID) == "uuid":
		return r.Raw(ProjectID) + " = cast(s.project_id as uuid)"
	}
	return r.named(ProjectID) + " = s.project_id"
}

// StatusIn returns the condition for the statuses of a parameter. An index on the plain column can be used. A status
// that the table does not have is not an error.
func (r *renderer) StatusIn(param string) string {
	f, x := r.Fields[Status], r.Raw(Status)
	switch base := r.base(Status); {
	case f.Lookup != nil:
		return fmt.Sprintf("%s = any (array(select l.%s from %s where %s in (%s)))", x, ident(f.Lookup.Key), r.from(f.Lookup),
			f.Lookup.name(), param)
	case f.Column.Enum != nil:
		return fmt.Sprintf("%s = any (array(select e from unnest(enum_range(cast(null as %s))) as e where cast(e as text) in (%s)))",
			x, f.Column.Type, param)
	case base == "text" || base == "varchar" || base == "bpchar":
		return x + " in (" + param + ")"
	}
	words := make([]string, len(r.Statuses))
	for i, s := range r.Statuses {
		words[i] = pq.QuoteLiteral(s.Word)
	}
	return fmt.Sprintf("%s = any (array(select c from unnest(cast(array[%s] as %s[])) as c where cast(c as text) in (%s)))",
		x, strings.Join(words, ", "), f.Column.Type, param)
}

// After returns the condition that a time is not earlier than a parameter.
func (r *renderer) After(role Role, param string) string {
	return r.Raw(role) + " >= " + r.stored(role, param)
}

// Before returns the condition that a time is earlier than a parameter.
func (r *renderer) Before(role Role, param string) string {
	return r.Raw(role) + " < " + r.stored(role, param)
}

// stored returns a parameter in the form in which the column stores times, so that an index on the column can be used.
func (r *renderer) stored(role Role, param string) string {
	base := r.base(role)
	if !strings.HasPrefix(param, "cast(") && base != "timestamptz" {
		param = "cast(" + param + " as timestamptz)"
	}
	if base == "timestamp" || base == "date" {
		if strings.Contains(param, " - ") {
			param = "(" + param + ")"
		}
		return param + " at time zone " + pq.QuoteLiteral(r.Zone)
	}
	return param
}

// Timeless returns the condition for rows without a valid time of creation.
func (r *renderer) Timeless() string {
	x := r.Raw(CreatedAt)
	infinite := x + " in ('-infinity', 'infinity')"
	if f := r.Fields[CreatedAt]; f.Column != nil && f.Column.NotNull {
		return infinite
	}
	return x + " is null or " + infinite
}

// Alive returns the condition that omits deleted rows, after the other conditions.
func (r *renderer) Alive() string {
	if r.Live == "" {
		return ""
	}
	return "\n  and (" + r.qualify(r.Live) + ")"
}

// token matches a literal, a name, or another word.
var token = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")+"|[\pL_][\pL\pN_$]*`)

// qualify adds the table's alias to the columns in an expression, because hhrecon_selection has columns with the same
// names. A column next to || is cast to text, because an index can only contain such a concatenation.
func (r *renderer) qualify(sql string) string {
	var b strings.Builder
	end := 0
	for _, at := range token.FindAllStringIndex(sql, -1) {
		before, word, after := strings.TrimSpace(sql[:at[0]]), sql[at[0]:at[1]], strings.TrimSpace(sql[at[1]:])
		name := strings.ToLower(word)
		if word[0] == '"' {
			name = strings.ReplaceAll(word[1:len(word)-1], `""`, `"`)
		}
		i := slices.IndexFunc(r.Mapping.Table.Columns, func(c Column) bool { return c.Name == name })
		if i < 0 || word[0] == '\'' || strings.HasSuffix(before, ".") || strings.HasPrefix(after, "(") {
			continue
		}
		b.WriteString(sql[end:at[0]])
		end = at[1]
		x := r.column(name)
		joined := strings.HasSuffix(before, "||") || strings.HasPrefix(after, "||")
		alone := (before == "" || strings.HasSuffix(before, "||")) && (after == "" || strings.HasPrefix(after, "||"))
		if joined && alone && r.Mapping.Table.Columns[i].Base != "text" {
			x = "cast(" + x + " as text)"
		}
		b.WriteString(x)
	}
	return b.String() + sql[end:]
}

// reserved are PostgreSQL's key words that cannot be names without quotes.
var reserved = strings.Fields(`all analyse analyze and any array as asc asymmetric authorization binary both case cast
	check collate collation column concurrently constraint create cross current_catalog current_date current_role
	current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false
	fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
	leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
	placing primary references returning right select session_user similar some symmetric system_user table tablesample
	then to trailing true union unique user using variadic verbose when where window with`)

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// ident returns a name as SQL, with quotes if it needs them.
func ident(name string) string {
	if plainName.MatchString(name) && !slices.Contains(reserved, name) {
		return name
	}
	return pq.QuoteIdentifier(name)
}
