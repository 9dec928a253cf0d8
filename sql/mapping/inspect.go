package mapping

import (
	"context"

	"hhrecon/sql/db"
)

// Schema is what a merchant's database contains.
type Schema struct {
	Tables   []Table // without hhrecon's own tables and without partitions
	HasOwn   bool    // hhrecon's own tables exist
	User     string  // the connected user
	Timezone string  // TimeZone of the database for other sessions, as far as it can be known
}

// Inspect reads the catalogue of a PostgreSQL database with the rights of the connected user. It changes nothing.
func Inspect(ctx context.Context, conn *db.DB) (*Schema, error) {
	return nil, nil
}
