package sql

import (
	"embed"

	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// query returns a statement by the name of its file.
var query = db.Queries(queryFiles, fragments...)

// fragments contains the names of statements that other statements include as :NAME.
var fragments = []string{
	"action/action_columns", "action/decided_at", "finding/counted", "finding/finding", "finding/finding_answer",
	"finding/finding_columns", "finding/latest_run", "finding/same_verdict", "report/differences", "report/reported",
}
