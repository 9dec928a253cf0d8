package merchant

import (
	"embed"

	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

// The default queries, which files in HHRECON_SQL_DIR replace.
var (
	correctPayinsQuery = Files.Load("correct_payins")
	finalPayinsQuery   = Files.Load("final_payins")
	openPayinsQuery    = Files.Load("open_payins")
	payinStatusesQuery = Files.Load("payin_statuses")
)

var (
	copyPayinsQuery    = Files.Load("copy_payins")
	countPayinsQuery   = Files.Load("count_payins")
	countStatusesQuery = Files.Load("count_statuses")
	databaseClockQuery = Files.Load("database_clock")
	limitWaitQuery     = Files.Load("limit_wait")
	lockRowsQuery      = Files.Load("lock_rows")
	obstaclesQuery     = Files.Load("obstacles")
	planProbeQuery     = Files.Load("plan_probe")
	probeRowsQuery     = Files.Load("probe_rows")
	proofRowsQuery     = Files.Load("proof_rows")
	currentRowsQuery   = Files.Load("current_rows")
	savePayinsQuery    = Files.Load("save_payins")
	setChangesQuery    = Files.Load("set_changes")
)
