package mapping

import (
	"context"

	"hhrecon/sql/db"
)

// Schema is what a merchant's database contains, as far as the connected user may read it.
type Schema struct {
	Tables   []Table  // the tables and views that can be read, without hhrecon's own tables and partitions
	Hidden   []string // names of the tables and views that the user may not read
	HasOwn   bool     // hhrecon's own tables exist
	Timezone string   // TimeZone of the connected user's session
}

// Inspect reads the catalogue of a PostgreSQL database with the rights of the connected user. It changes nothing.
func Inspect(ctx context.Context, conn *db.DB) (*Schema, error) {
	return nil, nil
}
