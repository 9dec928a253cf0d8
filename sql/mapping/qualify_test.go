package mapping

import "testing"

func TestQualify(t *testing.T) {
	t.Parallel()
	table := Table{Columns: []Column{{Name: "id", Base: "int8"}, {Name: "ref", Base: "text"}, {Name: "Kind", Base: "text"},
		{Name: "lower", Base: "text"}, {Name: `a"b`, Base: "int4"}}}
	for sql, want := range map[string]string{
		"":                                  "",
		"'order-'||id":                      "'order-'||cast(p.id as text)",
		"'id' || ID || '-' || ref":          "'id' || cast(p.id as text) || '-' || p.ref",
		"'a' || (id + 1)":                   "'a' || (p.id + 1)",
		"'a' || id + 1":                     "'a' || p.id + 1",
		"lower(p.ref) || p.lower":           "lower(p.ref) || p.lower",
		`"Kind" = 'it''s id' and Kind > 1`:  `p."Kind" = 'it''s id' and Kind > 1`,
		`p."a""b" is null and "a""b" > 1`:   `p."a""b" is null and p."a""b" > 1`,
		"(select l.id from x as l) = p.id":  "(select l.id from x as l) = p.id",
		"cast(id as bigint) = 7 and true":   "cast(p.id as bigint) = 7 and true",
		`regexp_replace(ref, '^id\s+', '')`: `regexp_replace(p.ref, '^id\s+', '')`,
	} {
		r := &renderer{Mapping: &Mapping{Table: table}, alias: "p."}
		if got := r.qualify(sql); got != want {
			t.Errorf("%s:\n got %s\nwant %s", sql, got, want)
		}
	}
}
