package sql

import (
	_ "embed" // a file that is missing does not compile
)

// query is a statement of ours in both dialects.
type query struct{ postgres, sqlite *statement }

// both is for one text that serves both dialects, pair for two that stand side by side.
func both(name, text string) query { return pair(name, text, text) }

func pair(name, textPostgres, textSQLite string) query {
	return query{mustParse(name, textPostgres, postgres), mustParse(name, textSQLite, sqlite)}
}

func mustParse(name, text string, d dialect) *statement {
	st, err := parse(name+".sql", text, d)
	if err != nil {
		panic(err) // our own file, which every test parses
	}
	return st
}

func (q query) in(d dialect) *statement {
	if d == sqlite {
		return q.sqlite
	}
	return q.postgres
}

var (
	//go:embed queries/close_run.sql
	closeRunText string
	//go:embed queries/correct_payins.postgres.sql
	correctPayinsPostgres string
	//go:embed queries/correct_payins.sqlite.sql
	correctPayinsSQLite string
	//go:embed queries/count_run.sql
	countRunText string
	//go:embed queries/decide.sql
	decideText string
	//go:embed queries/drop_verdicts.sql
	dropVerdictsText string
	//go:embed queries/fence.postgres.sql
	fencePostgres string
	//go:embed queries/fence.sqlite.sql
	fenceSQLite string
	//go:embed queries/fill_selection.sql
	fillSelectionText string
	//go:embed queries/fill_unresolved.sql
	fillUnresolvedText string
	//go:embed queries/final_payins.sql
	finalPayinsText string
	//go:embed queries/findings_of_period.sql
	findingsOfPeriodText string
	//go:embed queries/findings_of_run.sql
	findingsOfRunText string
	//go:embed queries/interrupt_run.sql
	interruptRunText string
	//go:embed queries/keep_alive.sql
	keepAliveText string
	//go:embed queries/last_window.sql
	lastWindowText string
	//go:embed queries/lock_run.postgres.sql
	lockRunPostgres string
	//go:embed queries/lock_run.sqlite.sql
	lockRunSQLite string
	//go:embed queries/lock_schema.postgres.sql
	lockSchemaPostgres string
	//go:embed queries/next_verdicts.sql
	nextVerdictsText string
	//go:embed queries/note_refusal.sql
	noteRefusalText string
	//go:embed queries/open_payins.sql
	openPayinsText string
	//go:embed queries/open_run.sql
	openRunText string
	//go:embed queries/runs.sql
	runsText string
	//go:embed queries/runs_of_scope.sql
	runsOfScopeText string
	//go:embed queries/save_findings.sql
	saveFindingsText string
	//go:embed queries/save_payins.postgres.sql
	savePayinsPostgres string
	//go:embed queries/save_payins.sqlite.sql
	savePayinsSQLite string
	//go:embed queries/save_verdicts.postgres.sql
	saveVerdictsPostgres string
	//go:embed queries/save_verdicts.sqlite.sql
	saveVerdictsSQLite string
	//go:embed queries/schema_version.sql
	schemaVersionText string
	//go:embed queries/selected_ids.sql
	selectedIdsText string
	//go:embed queries/selection_faults.sql
	selectionFaultsText string
	//go:embed queries/selection_types.sqlite.sql
	selectionTypesSQLite string
	//go:embed queries/table_exists.postgres.sql
	tableExistsPostgres string
	//go:embed queries/table_exists.sqlite.sql
	tableExistsSQLite string
	//go:embed queries/take_run.sql
	takeRunText string
	//go:embed queries/totals_of_period.sql
	totalsOfPeriodText string
	//go:embed queries/totals_of_run.sql
	totalsOfRunText string
	//go:embed queries/unjudged_payins.sql
	unjudgedPayinsText string
	//go:embed queries/unresolved_of_run.sql
	unresolvedOfRunText string
	//go:embed queries/usual_shares.sql
	usualSharesText string
	//go:embed queries/weigh.sql
	weighText string
)

var (
	closeRunQuery         = both("close_run", closeRunText)
	correctPayinsQuery    = pair("correct_payins", correctPayinsPostgres, correctPayinsSQLite)
	countRunQuery         = both("count_run", countRunText)
	decideQuery           = both("decide", decideText)
	dropVerdictsQuery     = both("drop_verdicts", dropVerdictsText)
	fenceQuery            = pair("fence", fencePostgres, fenceSQLite)
	fillSelectionQuery    = both("fill_selection", fillSelectionText)
	fillUnresolvedQuery   = both("fill_unresolved", fillUnresolvedText)
	finalPayinsQuery      = both("final_payins", finalPayinsText)
	findingsOfPeriodQuery = both("findings_of_period", findingsOfPeriodText)
	findingsOfRunQuery    = both("findings_of_run", findingsOfRunText)
	interruptRunQuery     = both("interrupt_run", interruptRunText)
	keepAliveQuery        = both("keep_alive", keepAliveText)
	lastWindowQuery       = both("last_window", lastWindowText)
	lockRunQuery          = pair("lock_run", lockRunPostgres, lockRunSQLite)
	lockSchemaQuery       = query{postgres: mustParse("lock_schema", lockSchemaPostgres, postgres)}
	nextVerdictsQuery     = both("next_verdicts", nextVerdictsText)
	noteRefusalQuery      = both("note_refusal", noteRefusalText)
	openPayinsQuery       = both("open_payins", openPayinsText)
	openRunQuery          = both("open_run", openRunText)
	runsQuery             = both("runs", runsText)
	runsOfScopeQuery      = both("runs_of_scope", runsOfScopeText)
	saveFindingsQuery     = both("save_findings", saveFindingsText)
	savePayinsQuery       = pair("save_payins", savePayinsPostgres, savePayinsSQLite)
	saveVerdictsQuery     = pair("save_verdicts", saveVerdictsPostgres, saveVerdictsSQLite)
	schemaVersionQuery    = both("schema_version", schemaVersionText)
	selectedIdsQuery      = both("selected_ids", selectedIdsText)
	selectionFaultsQuery  = both("selection_faults", selectionFaultsText)
	selectionTypesQuery   = query{sqlite: mustParse("selection_types", selectionTypesSQLite, sqlite)}
	tableExistsQuery      = pair("table_exists", tableExistsPostgres, tableExistsSQLite)
	takeRunQuery          = both("take_run", takeRunText)
	totalsOfPeriodQuery   = both("totals_of_period", totalsOfPeriodText)
	totalsOfRunQuery      = both("totals_of_run", totalsOfRunText)
	unjudgedPayinsQuery   = both("unjudged_payins", unjudgedPayinsText)
	unresolvedOfRunQuery  = both("unresolved_of_run", unresolvedOfRunText)
	usualSharesQuery      = both("usual_shares", usualSharesText)
	weighQuery            = both("weigh", weighText)
)
