package mapping

import "strings"

// Changes returns the assignments of correct_payins.sql.
func (r *renderer) Changes() string {
	var changes []string
	for _, role := range []Role{Status, SubStatus, SettledAmount, UpdatedAt} {
		if value := r.Write(role); value != "" {
			name := ident(r.Fields[role].Column.Name)
			r.writes = append(r.writes, name)
			changes = append(changes, name+" = "+value)
		}
	}
	return strings.Join(changes, ",\n    ")
}

// Write returns the value that correct_payins.sql writes into the column of a role, or "" if it writes none.
func (r *renderer) Write(role Role) string {
	f, base := r.Fields[role], r.base(role)
	if f.Column == nil {
		return ""
	}
	after, missing := "s."+string(role)+"_after", "''"
	switch role {
	case Status, SubStatus:
	case SettledAmount:
		missing = "0"
	case UpdatedAt:
		return r.stored(UpdatedAt, "coalesce(s.updated_at_after, :now)")
	default:
		return ""
	}
	if f.Column.NotNull && role != Status {
		after = "coalesce(" + after + ", " + missing + ")"
	}
	switch {
	case role == SettledAmount && r.Unit == Major && base == "money":
		return "cast(" + after + " / 100.0 as money)"
	case role == SettledAmount && r.Unit == Major:
		return after + " / 100.0"
	case role == SettledAmount || base == "text" || base == "varchar" || base == "bpchar":
		return after
	case f.Lookup != nil:
		return "(select l." + ident(f.Lookup.Key) + " from " + r.from(f.Lookup) + " where " + f.Lookup.name() + " = " + after + ")"
	}
	return "cast(" + after + " as " + f.Column.Type + ")"
}

// Guards returns the conditions that a row still has the values that were read.
func (r *renderer) Guards() []string {
	var guards []string
	for _, role := range []Role{SubStatus, SettledAmount, UpdatedAt, Amount, Currency} {
		x := ""
		switch {
		case r.keeps(role):
			x = r.kept(role, "s.project_id", "s.payment_id", "s.status")
		case role != UpdatedAt || r.Has(UpdatedAt) || r.Xmin:
			x = r.Read(role)
		default:
			continue
		}
		guards = append(guards, x+" is not distinct from s."+string(role))
	}
	return guards
}

// keeps reports whether hhrecon_payin stores a role, because the merchant's table does not.
func (r *renderer) keeps(role Role) bool {
	return (role == SubStatus || role == SettledAmount) && !r.Has(role)
}

// Kept names the roles that hhrecon_payin stores, or "" if there are none.
func (r *renderer) Kept() string {
	var names []string
	for _, role := range []Role{SubStatus, SettledAmount} {
		if r.keeps(role) {
			names = append(names, string(role))
		}
	}
	return strings.Join(names, " and ")
}

// Update returns the statement that writes the merchant's rows.
func (r *renderer) Update() (string, error) {
	text, err := r.execute("update.sql")
	if text = strings.TrimSpace(text); r.Kept() != "" {
		text = strings.ReplaceAll(text, "\n", "\n  ")
	}
	return text, err
}
