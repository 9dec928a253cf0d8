// Package mapping finds out how a merchant's table in PostgreSQL stores payins, and writes the queries for that table.
//
// Call Inspect first. Inspect reads the catalogue and a sample of rows with the rights of the connected user, and
// changes nothing. Propose turns the result and the user's choices into a Mapping, or into questions that only a
// person can answer. Files renders the queries and the other files of a mapping.
package mapping

// Role is the meaning of a column for hhrecon. The names of roles are the columns that open_payins.sql returns.
type Role string

// The roles of columns. Amount and SettledAmount share a unit.
const (
	ProjectID     Role = "project_id"
	PaymentID     Role = "payment_id"
	Amount        Role = "amount"
	Currency      Role = "currency"
	Status        Role = "status"
	SubStatus     Role = "sub_status"
	SettledAmount Role = "settled_amount"
	Lifetime      Role = "lifetime"
	CreatedAt     Role = "created_at"
	UpdatedAt     Role = "updated_at"
)

// Roles lists the roles in the order of the query's columns.
var Roles = []Role{ProjectID, PaymentID, Amount, Currency, Status, SubStatus, SettledAmount, Lifetime, CreatedAt,
	UpdatedAt}

// Unit is the unit of a table's amounts.
type Unit string

// The units of amounts. 1 som is 100 tiyin.
const (
	Major Unit = "major" // such as 500.00 som
	Minor Unit = "minor" // such as 50000 tiyin
)

// Column is a column of a table in the merchant's database.
type Column struct {
	Name    string
	Type    string   // as format_type writes it, such as numeric(12,2)
	Base    string   // pg_type.typname of the type, or of a domain's base type, such as numeric, int8, timestamptz
	Scale   int      // decimals of a numeric type; 0 if the type does not limit them
	Enum    []string // labels of an enum, in order
	Checked []string // the only texts that a check constraint allows
	NotNull bool
	// Generated means that PostgreSQL computes the column, so corrections cannot write it.
	Generated bool
	Default   string // expression of the default; "" if there is none
	Comment   string
	Unique    bool    // a primary key or unique constraint consists of this column alone, or of it and a project column
	Refers    *Lookup // the table that a foreign key of this column alone refers to
}

// Lookup is a small table that gives names to the values of a column.
type Lookup struct {
	Schema, Table string
	Key           string // the column that the foreign key refers to
	Name          string // the column with the names
	KeyType       string // as format_type writes it
}

// Table is a table, partitioned table or view of the merchant's database.
type Table struct {
	Schema, Name string
	Kind         string // "table", "partitioned table" or "view"
	Rows         int64  // the planner's estimate; 0 for a view
	Columns      []Column
	Readable     bool       // the connected user may read it
	Updatable    bool       // PostgreSQL accepts update statements
	Keys         [][]string // columns of the primary key and of the unique indexes
	PartitionKey []string
	OID          uint32
	Over         []uint32 // for a view: the OIDs of the tables and views that it reads
	Definition   string   // for a view: its query
}

// Field is the source of the values of a role.
type Field struct {
	Column     *Column // nil if Expression is set
	Expression string  // SQL of a role that is only read, in place of a column; p is the alias of the merchant's table
	Lookup     *Lookup // the names of a column with keys
}

// StatusWord is a status in the merchant's table.
type StatusWord struct {
	Word   string
	Rows   int64
	Status string // new, pending, HighHelp's processing, dispute, error, success, decline; or "ignore" for another status
}

// Mapping describes how a table stores payins. A role without a Field has no column: the currency is then Currency, the
// project Project, and sub-status and settled amount are stored in hhrecon_payin.
type Mapping struct {
	Table    Table
	Fields   map[Role]Field
	Unit     Unit
	Zone     string            // time zone of times that are stored without one; "" if there are none
	Currency string            // of all payins, if there is no column
	Projects []string          // ids of the projects; one if there is no column
	Live     string            // SQL condition for HighHelp's payins that are not deleted, with the alias p; or ""
	Statuses []StatusWord      // without unknown words that no row has
	Xmin     bool              // the guard compares the system column xmin, because there is no updated_at
	Words    map[string]string // the merchant's word that is written for each of HighHelp's statuses
}
