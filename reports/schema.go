package reports

import _ "embed"

// FindingSchema is the JSON Schema of a line that WriteJSON writes.
//
//go:embed finding.schema.json
var FindingSchema []byte
