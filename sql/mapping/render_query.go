package mapping

import (
	"slices"
	"strings"

	"github.com/lib/pq"
)

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

// Own returns the condition that a correction writes one of the table's own statuses. Without init's schedules.yaml,
// hhrecon would write HighHelp's statuses.
func (r *renderer) Own() string {
	words := make([]string, len(r.Statuses))
	for i, s := range r.Statuses {
		words[i] = pq.QuoteLiteral(s.Word)
	}
	slices.Sort(words)
	return "s.status_after in (" + strings.Join(words, ", ") + ")"
}

// Guards returns the conditions that a row still has the values that were read.
func (r *renderer) Guards() (guards []string) {
	for _, role := range []Role{SubStatus, SettledAmount, UpdatedAt, Amount, Currency} {
		x := r.Read(role)
		if !r.Has(role) && (role == SubStatus || role == SettledAmount) {
			x = kept(role, "s.project_id", "s.payment_id", "s.status")
		}
		if role != UpdatedAt || r.Has(UpdatedAt) || r.Xmin {
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
