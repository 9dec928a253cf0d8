package config

import (
	"slices"
	"testing"

	"hhrecon/sql/mapping"
)

// TestMappingSettings checks that the settings that hhrecon init writes for a merchant's table are valid, for any
// statuses of the merchant.
func TestMappingSettings(t *testing.T) {
	column := func(name, base string) mapping.Field {
		return mapping.Field{Column: &mapping.Column{Name: name, Type: base, Base: base}}
	}
	m := mapping.Mapping{
		Table: mapping.Table{Schema: "Shop", Name: "Заказы", Kind: "table"},
		Fields: map[mapping.Role]mapping.Field{
			mapping.PaymentID: column("id", "text"), mapping.Amount: column("sum", "int8"),
			mapping.Status: column("state", "text"), mapping.CreatedAt: column("at", "timestamptz"),
			mapping.ProjectID: column("shop", "uuid"),
		},
		Currency: "KGS", Projects: []string{somProject, "0cb4b0f0-7a4c-4b5e-9a51-1d0c3c1f7c11"},
		Statuses: []mapping.StatusWord{{Word: "новый", Status: "new"}, {Word: "в обработке: #1", Status: "processing"},
			{Word: `"да"`, Status: "success"}, {Word: "yes", Status: "success"}, {Word: "0", Status: "decline"},
			{Word: "no", Status: "decline"}, {Word: "null", Status: "ignore"}},
		Words: map[string]string{"processing": "в обработке: #1", "dispute": "в обработке: #1", "error": "в обработке: #1",
			"success": "yes", "decline": "0"},
	}
	files, err := m.Files(mapping.Setup{User: "hhrecon", Timezone: "Asia/Bishkek", Projects: []mapping.Project{
		{ID: somProject, Name: "Som: 1", KeyFile: "keys/a b.pem"},
		{ID: "0cb4b0f0-7a4c-4b5e-9a51-1d0c3c1f7c11", Name: "Two", KeyFile: "keys/2.pem"},
	}})
	must(t, err)
	s, err := Read(func(string) string { return "" }, writeFile(t, "schedules.yaml", string(files["schedules.yaml"])))
	must(t, err)
	if len(s.Projects) != 2 || s.Zone.String() != "Asia/Bishkek" {
		t.Fatalf("projects %d, zone %s", len(s.Projects), s.Zone)
	}
	p := s.Projects[0]
	for what, pair := range map[string][2][]string{
		"open":   {p.OpenStatuses(), {"в обработке: #1", "новый"}},
		"final":  {p.FinalStatuses(), {`"да"`, "0", "decline", "no", "success", "yes"}},
		"labels": {{p.Label(), p.Entry.PrivateKeyFile}, {"Som: 1", "keys/a b.pem"}},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
		}
	}
	if p.StatusMap["success"] != "yes" {
		t.Errorf("status map %v", p.StatusMap)
	}
}
