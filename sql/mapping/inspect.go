package mapping

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"

	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Schema is what a merchant's database contains.
type Schema struct {
	Tables   []Table // without hhrecon's own tables and without partitions
	HasOwn   bool    // hhrecon's own tables exist
	User     string  // the connected user
	Timezone string  // TimeZone of other sessions; "" if sessions may have different zones
}

// Inspect reads the catalogue of a PostgreSQL database with the rights of the connected user. It changes nothing.
func Inspect(ctx context.Context, conn *db.DB) (*Schema, error) {
	s := new(Schema)
	if err := conn.Get(ctx, conn.Conn, s, query("session").Postgres, nil); err != nil {
		return nil, fmt.Errorf("read the session: %w", conn.WrapError(ctx, err))
	}
	texts, err := db.Select[string](ctx, conn, query("tables"), nil)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	s.Tables = make([]Table, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &s.Tables[i]); err != nil {
			return nil, fmt.Errorf("read the catalogue: %w", err)
		}
	}
	for i := range s.Tables {
		s.complete(&s.Tables[i])
	}
	return s, nil
}

// complete derives what the catalogue does not say directly. The columns of a view on one table have the properties of
// that table's columns with the same names and types.
func (s *Schema) complete(t *Table) {
	base := t
	if len(t.Over) == 1 {
		if i := slices.IndexFunc(s.Tables, func(b Table) bool { return b.OID == t.Over[0] }); i >= 0 {
			base = &s.Tables[i]
		}
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if b := base.column(c.Name); b != nil && b.Type == c.Type {
			*c = *b
		}
		c.Unique = slices.ContainsFunc(base.Keys, func(key []string) bool {
			return slices.Contains(key, c.Name) && !slices.ContainsFunc(key, func(name string) bool {
				return name != c.Name && !slices.Contains(base.PartitionKey, name) && roleNames[ProjectID].rank(name, "") < 0
			})
		})
		if c.Refers != nil {
			c.Refers.Name = s.nameColumn(c.Refers)
		}
	}
}

// nameColumn returns the column with the names in a lookup table, or "" if there is none.
func (s *Schema) nameColumn(l *Lookup) string {
	t := s.table(l.Schema, l.Table)
	if t == nil {
		return ""
	}
	for _, name := range []string{"code", "name", "slug", "key", "status", "state", "title", "label"} {
		if c := t.column(name); c != nil && c.Name != l.Key && c.isText() {
			return c.Name
		}
	}
	for _, c := range t.Columns {
		if c.Name != l.Key && c.isText() {
			return c.Name
		}
	}
	return ""
}

func (s *Schema) table(schema, name string) *Table {
	i := slices.IndexFunc(s.Tables, func(t Table) bool { return t.Schema == schema && t.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Tables[i]
}
