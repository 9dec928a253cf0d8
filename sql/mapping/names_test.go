package mapping

import (
	"slices"
	"testing"
)

// Each word in names.txt has one meaning, and is written in the form that plain returns.
func TestSynonyms(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	for _, status := range Statuses {
		for _, word := range names[status] {
			if seen[word] != "" || plain(word) != word {
				t.Errorf("%s: %q also means %q, or has the form %q", status, word, seen[word], plain(word))
			}
			seen[word] = status
		}
		if len(names[status]) == 0 {
			t.Errorf("%s has no words", status)
		}
	}
	for _, r := range Roles {
		if len(patterns[string(r)]) == 0 || len(names[string(r)+" types"]) == 0 {
			t.Errorf("%s has no names or types", r)
		}
	}
}

func TestMeaning(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"PAID": "success", "inProgress": "processing", "STATUS_NEW": "new", "payment-declined": "decline",
		"Не оплачен": "pending", "Отклонён": "decline", "wc-processing": "", "hold": "", "": "", "REFUNDED": StatusIgnore,
	} {
		if got, _ := meaning(word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestColumnNames(t *testing.T) {
	t.Parallel()
	table := Table{Name: "Orders"}
	for _, c := range []struct {
		name, base string
		roles      []Role
	}{
		{"OrderAmount", "numeric", []Role{Amount}}, {"amount_usd", "numeric", nil}, {"paid", "bool", nil},
		{"paid_at", "timestamptz", nil}, {"order_status", "text", []Role{Status}}, {"expired_at", "timestamptz", nil},
		{"UpdatedAt", "timestamp", []Role{UpdatedAt}}, {"total_som", "numeric", []Role{Amount}}, {"fee", "numeric", nil},
		{"hh_project_id", "uuid", []Role{ProjectID}}, {"amount_tiyin", "int8", []Role{Amount}},
		{"date_of_birth", "timestamp", nil},
	} {
		var got []Role
		for _, r := range Roles {
			if table.rank(r, &Column{Name: c.name, Base: c.base}) >= 0 {
				got = append(got, r)
			}
		}
		if !slices.Equal(got, c.roles) {
			t.Errorf("%s %s: %v, want %v", c.name, c.base, got, c.roles)
		}
	}
}

// A copy of the choices keeps its answers if another copy gets an answer.
func TestSetKeepsCopies(t *testing.T) {
	t.Parallel()
	var c Choices
	for _, value := range []string{"amount=a", "amount=b"} {
		before, had := c, c.Columns[Amount]
		if err := c.Set("column", value); err != nil || before.Columns[Amount] != had || c.Columns[Amount] != value[7:] {
			t.Errorf("%s: %v, %v, %v", value, err, before.Columns, c.Columns)
		}
	}
}
