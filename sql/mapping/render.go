package mapping

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// renderer renders the expressions of the queries. In a query, p is the merchant's table and s is hhrecon_selection.
type renderer struct {
	*Mapping
	Setup
	alias          string   // "p.", or "" in an index
	Reads, Written []string // columns of the merchant's table, as SQL
	Lookups        []Lookup // other tables that are read

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

// base returns the base type of a role's column, or "" if there is none, or a lookup.
func (r *renderer) base(role Role) string {
	f := r.Fields[role]
	switch {
	case f.Column == nil || f.Lookup != nil:
		return ""
	case f.Column.Base == "varchar":
		return "text"
	}
	return f.Column.Base
}

func (f Field) name() string {
	if f.Column == nil {
		return ""
	}
	return f.Column.Name
}

// Raw returns the column or expression of a role without any conversion.
func (r *renderer) Raw(role Role) string {
	if f := r.Fields[role]; f.Column == nil {
		return "(" + r.qualify(f.Expression) + ")"
	}
	return r.column(r.Fields[role].name())
}

func (r *renderer) column(name string) string {
	r.Reads = append(r.Reads, ident(name))
	return r.alias + ident(name)
}

// lookup returns a subquery of a lookup table. In the condition, {name} and {key} are the table's columns.
func (r *renderer) lookup(l *Lookup, column, condition string) string {
	if !slices.Contains(r.Lookups, *l) {
		r.Lookups = append(r.Lookups, *l)
	}
	return strings.NewReplacer("{name}", "cast(l."+ident(l.Name)+" as text)", "{key}", "l."+ident(l.Key)).Replace(
		"(select " + column + " from " + l.sql() + " as l where " + condition + ")")
}

// Read returns the value of a role as the queries return it.
func (r *renderer) Read(role Role) string {
	if !r.Has(role) {
		return r.absent(role)
	}
	x, base := r.Raw(role), r.base(role)
	if l := r.Fields[role].Lookup; l != nil {
		x, base = r.lookup(l, "{name}", "{key} = "+x), "text"
	}
	switch role {
	case Amount, SettledAmount:
		return read(string(r.Unit), base, x)
	case CreatedAt, UpdatedAt:
		return r.instant(x, base)
	case Lifetime:
		if base == "date" || strings.HasPrefix(base, "timestamp") {
			return "case when isfinite(" + x + ") and isfinite(" + r.Raw(CreatedAt) + ")\n            then " +
				read("lifetime", "interval", r.instant(x, base)+" - "+r.Read(CreatedAt)) + " end"
		}
		return read("lifetime", base, x)
	case Currency:
		return read("currency", base, x)
	}
	return read("text", base, x)
}

// formats contains the SQL expressions that read values, by the base type of the column. Other types have the format
// "". 417 is the numeric code of KGS.
var formats = map[string]map[string]string{
	"text":  {"text": "%s", "": "cast(%s as text)"},
	"minor": {"int8": "%s", "": "cast(%s as bigint)"},
	"major": {"money": "cast(round(cast(%s as numeric) * 100) as bigint)", "": "cast(round(%s * 100) as bigint)"},
	"lifetime": {"int8": "%s", "int4": "%s", "int2": "%s", "interval": "cast(extract(epoch from %s) as bigint)",
		"": "cast(%s as bigint)"},
	"currency": {"text": "upper(%s)", "bpchar": "upper(%s)", "int2": numericCurrency, "int4": numericCurrency,
		"int8": numericCurrency, "": "upper(cast(%s as text))"},
	"time": {"timestamp": "(%s at time zone %s)", "date": "(cast(%s as timestamp) at time zone %s)", "": "%[1]s"},
}

const numericCurrency = "case %[1]s when 417 then 'KGS' else cast(%[1]s as text) end"

func read(as, base string, values ...any) string {
	return fmt.Sprintf(cmp.Or(formats[as][base], formats[as][""]), values...)
}

// instant returns a time with a time zone.
func (r *renderer) instant(x, base string) string {
	return read("time", base, x, pq.QuoteLiteral(r.Zone))
}

// absent returns the value of a role that the merchant's table does not have. The version of a row (xmin) is returned
// as a time in 1970, so it cannot be confused with a time of a payin.
func (r *renderer) absent(role Role) string {
	switch {
	case role == ProjectID:
		return pq.QuoteLiteral(strings.ToLower(r.Mapping.Projects[0]))
	case role == Currency:
		return pq.QuoteLiteral(r.Currency)
	case role == Lifetime:
		return "cast(null as bigint)"
	case role == UpdatedAt && r.Xmin:
		return "to_timestamp(cast(cast(" + r.column("xmin") + " as text) as bigint) / 1000000.0)"
	case role == UpdatedAt:
		return "cast(null as timestamptz)"
	}
	return r.kept(role, "cast(:project_id as text)", r.Read(PaymentID), r.Read(Status))
}

// kept returns the SQL for a column of hhrecon_payin. A value counts only while the row has the status and the version
// that it had after the write.
func (r *renderer) kept(role Role, project, payment, status string) string {
	version := ""
	if r.HasVersion() {
		version = " and h.version is not distinct from " + r.Read(UpdatedAt)
	}
	return fmt.Sprintf(`(
         select h.%s
         from hhrecon_payin as h
         where h.project_id = lower(%s) and h.payment_id = %s
           and h.status = %s%s
       )`, role, project, payment, status, version)
}

// HasVersion reports whether a change of a row changes the value that is read as updated_at.
func (r *renderer) HasVersion() bool { return r.Has(UpdatedAt) || r.Xmin }

// Kept names the roles that hhrecon_payin stores, or returns "" if there are none.
func (r *renderer) Kept() string {
	names := slices.DeleteFunc([]string{"sub_status", "settled_amount"}, func(n string) bool { return r.Has(Role(n)) })
	return strings.Join(names, " and ")
}

// token matches a literal, or a name with or without the alias of the merchant's table.
var token = regexp.MustCompile(`'(?:[^']|'')*'|(?:\bp\.)?(?:"(?:[^"]|"")+"|[\pL_][\pL\pN_$]*)`)

// qualify adds the table's alias to the columns in an expression, because hhrecon_selection has columns with the same
// names. A column between || is cast to text, because an index cannot contain a concatenation of other types.
func (r *renderer) qualify(sql string) string {
	var b strings.Builder
	end := 0
	for _, at := range token.FindAllStringIndex(sql, -1) {
		before, after := strings.TrimSpace(sql[:at[0]]), strings.TrimSpace(sql[at[1]:])
		name, quoted := strings.CutPrefix(strings.TrimPrefix(sql[at[0]:at[1]], "p."), `"`)
		if name = strings.ReplaceAll(strings.TrimSuffix(name, `"`), `""`, `"`); !quoted {
			name = strings.ToLower(name)
		}
		i := slices.IndexFunc(r.Mapping.Table.Columns, func(c Column) bool { return c.Name == name })
		if i < 0 || strings.HasSuffix(before, ".") || strings.HasPrefix(after, "(") {
			continue
		}
		x := r.column(name)
		left, right := strings.HasSuffix(before, "||"), strings.HasPrefix(after, "||")
		if (left && (right || after == "") || right && before == "") && r.Mapping.Table.Columns[i].Base != "text" {
			x = "cast(" + x + " as text)"
		}
		b.WriteString(sql[end:at[0]] + x)
		end = at[1]
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

// corrected lists the roles that corrections write.
var corrected = []Role{Status, SubStatus, SettledAmount, UpdatedAt}

// Write returns the value that correct_payins.sql writes into the column of a role, or "" if it writes none.
func (r *renderer) Write(role Role) string {
	f, base, value := r.Fields[role], r.base(role), "s."+string(role)+"_after"
	if f.Column == nil || !slices.Contains(corrected, role) {
		return ""
	}
	if f.Column.NotNull && role == SettledAmount {
		value = "coalesce(" + value + ", 0)"
	} else if f.Column.NotNull && role == SubStatus {
		value = "coalesce(" + value + ", '')"
	}
	switch {
	case role == UpdatedAt:
		return r.Stored(UpdatedAt, "coalesce(s.updated_at_after, :now)")
	case role == SettledAmount && r.Unit == Major && base == "money":
		return "cast(" + value + " / 100.0 as money)"
	case role == SettledAmount && r.Unit == Major:
		return value + " / 100.0"
	case role == SettledAmount || base == "text" || base == "bpchar":
		return value
	case f.Lookup != nil:
		return r.lookup(f.Lookup, "{key}", "{name} = "+value)
	}
	return "cast(" + value + " as " + f.Column.Type + ")"
}

// Changes returns the assignments of correct_payins.sql.
func (r *renderer) Changes() string {
	var changes []string
	for _, role := range corrected {
		if value := r.Write(role); value != "" {
			name := ident(r.Fields[role].name())
			r.Written = append(r.Written, name)
			changes = append(changes, name+" = "+value)
		}
	}
	return strings.Join(changes, ",\n    ")
}

// Own returns the condition that a correction writes one of the table's own statuses of payins. Without init's
// schedules.yaml, hhrecon would write HighHelp's statuses.
func (r *renderer) Own() string {
	var words []string
	for _, s := range r.Statuses {
		if s.Status != StatusIgnore {
			words = append(words, pq.QuoteLiteral(s.Word))
		}
	}
	slices.Sort(words)
	return "s.status_after in (" + strings.Join(words, ", ") + ")"
}

// Guards returns the conditions that a row still has the values that were read.
func (r *renderer) Guards() (guards []string) {
	for _, role := range []Role{SubStatus, SettledAmount, UpdatedAt, Amount, Currency} {
		x := r.Read(role)
		if !r.Has(role) && (role == SubStatus || role == SettledAmount) {
			x = r.kept(role, "s.project_id", "s.payment_id", "s.status")
		}
		if role != UpdatedAt || r.HasVersion() {
			guards = append(guards, x+" is not distinct from s."+string(role))
		}
	}
	return guards
}

// Update returns the statement that writes the merchant's rows, indented if it is part of another statement.
func (r *renderer) Update() (string, error) {
	text, err := r.execute("update.sql")
	if text = strings.TrimSpace(text); r.Kept() != "" {
		text = strings.ReplaceAll(text, "\n", "\n  ")
	}
	return text, err
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

// IsProject returns the condition for the rows of one project.
func (r *renderer) IsProject(id string) string {
	switch l := r.Fields[ProjectID].Lookup; {
	case !r.Has(ProjectID):
		return "lower(cast(" + id + " as text)) = " + r.Read(ProjectID)
	case l != nil:
		return r.Raw(ProjectID) + " = any (array" + r.lookup(l, "{key}", "lower({name}) = lower("+id+")") + ")"
	case r.base(ProjectID) == "uuid":
		return r.Raw(ProjectID) + " = cast(" + id + " as uuid)"
	}
	return r.Read(ProjectID) + " = " + id
}

// StatusIn returns the condition for the statuses of a parameter. An index on the plain column can be used. A status
// that the table does not have is not an error.
func (r *renderer) StatusIn(param string) string {
	f, x, some := r.Fields[Status], r.Raw(Status), ""
	switch base := r.base(Status); {
	case f.Lookup != nil:
		return x + " = any (array" + r.lookup(f.Lookup, "{key}", "{name} in ("+param+")") + ")"
	case base == "text" || base == "bpchar":
		return x + " in (" + param + ")"
	case f.Column.Enum != nil:
		some = "enum_range(cast(null as " + f.Column.Type + "))"
	default:
		words := make([]string, len(r.Statuses))
		for i, s := range r.Statuses {
			words[i] = pq.QuoteLiteral(s.Word)
		}
		some = "cast(array[" + strings.Join(words, ", ") + "] as " + f.Column.Type + "[])"
	}
	return x + " = any (array(select w from unnest(" + some + ") as w where cast(w as text) in (" + param + ")))"
}

// Word returns the status for payin_statuses.sql. If a key has no name, the key itself is the status.
func (r *renderer) Word() string {
	if r.Fields[Status].Lookup == nil {
		return r.Read(Status)
	}
	return "coalesce(" + r.Read(Status) + ", cast(" + r.Raw(Status) + " as text))"
}

// Stored returns a time in the form in which a column stores times, so that an index on the column can be used.
func (r *renderer) Stored(role Role, at string) string {
	base := r.base(role)
	local := base == "timestamp" || base == "date"
	switch {
	case base != "timestamptz" && strings.HasPrefix(at, ":"):
		at = "cast(" + at + " as timestamptz)"
	case local && !strings.HasPrefix(at, "coalesce("):
		at = "(" + at + ")"
	}
	if local {
		at += " at time zone " + pq.QuoteLiteral(r.Zone)
	}
	return at
}

// Alive returns the condition that omits deleted rows, or "" if the table does not mark deleted rows.
func (r *renderer) Alive() string {
	for _, c := range r.Mapping.Table.Columns {
		if l := c.Refers; l != nil && strings.Contains(r.Live, l.sql()) {
			r.lookup(l, "{name}", "true") // the condition reads this table
		}
	}
	return r.qualify(r.Live)
}
