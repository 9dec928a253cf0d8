package reports

import _ "embed" // a file that is missing does not compile

// FindingSchema is the JSON Schema of a line of WriteJSON.
//
//go:embed finding.schema.json
var FindingSchema []byte
