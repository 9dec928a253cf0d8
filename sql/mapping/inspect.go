package mapping

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Schema describes the tables of a merchant's database.
type Schema struct {
	Tables   []Table // without hhrecon's own tables and without partitions
	User     string  // the connected user
	Timezone string  // TimeZone of other sessions; "" if sessions may have different zones
}

// Inspect reads the catalogue of a PostgreSQL database with the rights of the connected user. It changes nothing.
func Inspect(ctx context.Context, conn *db.DB) (*Schema, error) {
	s := new(Schema)
	if err := conn.Get(ctx, conn.Conn, s, query("session").Postgres, nil); err != nil {
		return nil, fmt.Errorf("read the session: %w", conn.WrapError(ctx, err))
	}
	s.Timezone = strings.TrimPrefix(s.Timezone, "Etc/")
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

// complete derives properties that the catalogue does not state directly. The columns of a view on one table have the
// properties of that table's columns with the same names and types.
func (s *Schema) complete(t *Table) {
	base := t
	for i := range s.Tables {
		if len(t.Over) == 1 && s.Tables[i].OID == t.Over[0] {
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
				return name != c.Name && !slices.Contains(base.PartitionKey, name) && match(string(ProjectID), plain(name)) < 0
			})
		})
		if c.Refers == nil && c.isInteger() && t.rank(Status, c) >= 0 {
			c.Refers = s.lookupByName(base, c)
		}
		if c.Refers != nil {
			for _, text := range s.columns(c.Refers) {
				if c.Refers.Name == "" && text.isText() {
					c.Refers.Name = text.Name
				}
			}
		}
	}
}

// lookupByName finds the lookup table of a status column without a foreign key, such as order_statuses for orders.
func (s *Schema) lookupByName(t *Table, c *Column) *Lookup {
	stem := strings.TrimSuffix(strings.TrimSuffix(plain(c.Name), "_id"), "_code")
	singular := strings.TrimSuffix(plain(t.Name), "s") + "_"
	for _, l := range s.Tables {
		name := strings.TrimPrefix(plain(l.Name), singular)
		if l.Schema != t.Schema || name != stem && name != stem+"s" && name != stem+"es" {
			continue
		}
		for _, key := range l.Columns {
			if slices.ContainsFunc(l.Keys, func(k []string) bool { return len(k) == 1 && k[0] == key.Name }) && key.isInteger() {
				return &Lookup{Schema: l.Schema, Table: l.Name, Key: key.Name, KeyType: key.Type}
			}
		}
	}
	return nil
}

// columns returns the columns of a lookup table.
func (s *Schema) columns(l *Lookup) []Column {
	for i := range s.Tables {
		if s.Tables[i].Schema == l.Schema && s.Tables[i].Name == l.Table {
			return s.Tables[i].Columns
		}
	}
	return nil
}
