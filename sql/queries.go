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
	//go:embed queries/action/actions_of_payin.sql
	actionsOfPayinText string
	//go:embed queries/action/actions_of_run.sql
	actionsOfRunText string
	//go:embed queries/alert/alerts_of_payin.sql
	alertsOfPayinText string
	//go:embed queries/report/announced.sql
	announcedText string
	//go:embed queries/run/ask_stop.sql
	askStopText string
	//go:embed queries/audit/append_chain.sql
	appendChainText string
	//go:embed queries/schedule/beat_dues.sql
	beatDuesText string
	//go:embed queries/audit/chain_actions.sql
	chainActionsText string
	//go:embed queries/audit/chain_findings.sql
	chainFindingsText string
	//go:embed queries/audit/chain_head.sql
	chainHeadText string
	//go:embed queries/audit/chain_strays.sql
	chainStraysText string
	//go:embed queries/schedule/claim_due.sql
	claimDueText string
	//go:embed queries/schedule/claimed_dues.sql
	claimedDuesText string
	//go:embed queries/run/close_run.sql
	closeRunText string
	//go:embed queries/correct_payins.postgres.sql
	correctPayinsPostgres string
	//go:embed queries/correct_payins.sqlite.sql
	correctPayinsSQLite string
	//go:embed queries/alert/count_alerts.sql
	countAlertsText string
	//go:embed queries/run/count_runs.sql
	countRunsText string
	//go:embed queries/run/count_payins.sql
	countPayinsText string
	//go:embed queries/run/count_run.sql
	countRunText string
	//go:embed queries/run/decide.sql
	decideText string
	//go:embed queries/action/decided.sql
	decidedText string
	//go:embed queries/user/drop_expired_sessions.sql
	dropExpiredSessionsText string
	//go:embed queries/action/drop_planned.sql
	dropPlannedText string
	//go:embed queries/user/drop_session.sql
	dropSessionText string
	//go:embed queries/user/drop_user.sql
	dropUserText string
	//go:embed queries/run/drop_verdicts.sql
	dropVerdictsText string
	//go:embed queries/database/durable.postgres.sql
	durablePostgres string
	//go:embed queries/alert/end_alerts.sql
	endAlertsText string
	//go:embed queries/schedule/end_due.sql
	endDueText string
	//go:embed queries/action/end_held.sql
	endHeldText string
	//go:embed queries/run/fence.postgres.sql
	fencePostgres string
	//go:embed queries/run/fence.sqlite.sql
	fenceSQLite string
	//go:embed queries/run/fill_selection.sql
	fillSelectionText string
	//go:embed queries/run/fill_unresolved.sql
	fillUnresolvedText string
	//go:embed queries/final_payins.sql
	finalPayinsText string
	//go:embed queries/user/find_session.sql
	findSessionText string
	//go:embed queries/finding/finding.sql
	findingText string
	//go:embed queries/finding/findings_of_keys.sql
	findingsOfKeysText string
	//go:embed queries/finding/findings_of_outcomes.sql
	findingsOfOutcomesText string
	//go:embed queries/finding/findings_of_payin.sql
	findingsOfPayinText string
	//go:embed queries/finding/findings_of_period.sql
	findingsOfPeriodText string
	//go:embed queries/finding/findings_of_run.sql
	findingsOfRunText string
	//go:embed queries/run/interrupt_run.sql
	interruptRunText string
	//go:embed queries/run/keep_alive.sql
	keepAliveText string
	//go:embed queries/run/known_projects.sql
	knownProjectsText string
	//go:embed queries/run/last_complete.sql
	lastCompleteText string
	//go:embed queries/schedule/last_due.sql
	lastDueText string
	//go:embed queries/finding/last_finding.sql
	lastFindingText string
	//go:embed queries/run/last_whole_run.sql
	lastWholeRunText string
	//go:embed queries/finding/standings.sql
	standingsText string
	//go:embed queries/run/whole_run_before.sql
	wholeRunBeforeText string
	//go:embed queries/run/last_window.sql
	lastWindowText string
	//go:embed queries/finding/last_word.sql
	lastWordText string
	//go:embed queries/audit/lock_chain.sql
	lockChainText string
	//go:embed queries/schedule/lock_due.postgres.sql
	lockDuePostgres string
	//go:embed queries/schedule/lock_due.sqlite.sql
	lockDueSQLite string
	//go:embed queries/run/lock_run.postgres.sql
	lockRunPostgres string
	//go:embed queries/run/lock_run.sqlite.sql
	lockRunSQLite string
	//go:embed queries/database/lock_schema.postgres.sql
	lockSchemaPostgres string
	//go:embed queries/support/mark_support.sql
	markSupportText string
	//go:embed queries/run/next_verdicts.sql
	nextVerdictsText string
	//go:embed queries/run/note_refusal.sql
	noteRefusalText string
	//go:embed queries/open_payins.sql
	openPayinsText string
	//go:embed queries/run/open_run.sql
	openRunText string
	//go:embed queries/database/plain_plans.postgres.sql
	plainPlansPostgres string
	//go:embed queries/action/plan_decide.sql
	planDecideText string
	//go:embed queries/action/plan_discard.sql
	planDiscardText string
	//go:embed queries/run/plan_probe.sql
	planProbeText string
	//go:embed queries/action/plan_release.sql
	planReleaseText string
	//go:embed queries/action/plan_rows.sql
	planRowsText string
	//go:embed queries/action/plan_undo.sql
	planUndoText string
	//go:embed queries/run/probe_row.sql
	probeRowText string
	//go:embed queries/run/row_triggers.sqlite.sql
	rowTriggersSQLite string
	//go:embed queries/run/rows_now.postgres.sql
	rowsNowPostgres string
	//go:embed queries/run/rows_now.sqlite.sql
	rowsNowSQLite string
	//go:embed queries/action/rulings.sql
	rulingsText string
	//go:embed queries/run/run_of_due.sql
	runOfDueText string
	//go:embed queries/run/runs.sql
	runsText string
	//go:embed queries/run/runs_of_scope.sql
	runsOfScopeText string
	//go:embed queries/action/save_actions.postgres.sql
	saveActionsPostgres string
	//go:embed queries/action/save_actions.sqlite.sql
	saveActionsSQLite string
	//go:embed queries/alert/save_alert.sql
	saveAlertText string
	//go:embed queries/finding/save_findings.postgres.sql
	saveFindingsPostgres string
	//go:embed queries/finding/save_findings.sqlite.sql
	saveFindingsSQLite string
	//go:embed queries/run/save_payins.postgres.sql
	savePayinsPostgres string
	//go:embed queries/run/save_payins.sqlite.sql
	savePayinsSQLite string
	//go:embed queries/user/save_session.sql
	saveSessionText string
	//go:embed queries/user/save_user.sql
	saveUserText string
	//go:embed queries/run/save_verdicts.postgres.sql
	saveVerdictsPostgres string
	//go:embed queries/run/save_verdicts.sqlite.sql
	saveVerdictsSQLite string
	//go:embed queries/database/schema_version.sql
	schemaVersionText string
	//go:embed queries/finding/search_findings.sql
	searchFindingsText string
	//go:embed queries/finding/search_payin.sql
	searchPayinText string
	//go:embed queries/finding/search_run.sql
	searchRunText string
	//go:embed queries/run/selected_ids.sql
	selectedIdsText string
	//go:embed queries/run/selection_faults.sql
	selectionFaultsText string
	//go:embed queries/run/selection_types.sqlite.sql
	selectionTypesSQLite string
	//go:embed queries/schedule/skip_due.sql
	skipDueText string
	//go:embed queries/support/support_marks.sql
	supportMarksText string
	//go:embed queries/database/table_exists.postgres.sql
	tableExistsPostgres string
	//go:embed queries/database/table_exists.sqlite.sql
	tableExistsSQLite string
	//go:embed queries/schedule/take_due.sql
	takeDueText string
	//go:embed queries/run/take_run.sql
	takeRunText string
	//go:embed queries/audit/trail_projects.sql
	trailProjectsText string
	//go:embed queries/run/forget_verdicts.sql
	forgetVerdictsText string
	//go:embed queries/finding/undecided.sql
	undecidedText string
	//go:embed queries/user/users.sql
	usersText string
	//go:embed queries/alert/waiting_alerts.sql
	waitingAlertsText string
	//go:embed queries/run/weigh_again.sql
	weighAgainText string
	//go:embed queries/finding/totals_of_period.sql
	totalsOfPeriodText string
	//go:embed queries/finding/totals_of_run.sql
	totalsOfRunText string
	//go:embed queries/action/undo_tried.sql
	undoTriedText string
	//go:embed queries/report/unannounced.sql
	unannouncedText string
	//go:embed queries/run/judged_payins.sql
	judgedPayinsText string
	//go:embed queries/run/unjudged_payins.sql
	unjudgedPayinsText string
	//go:embed queries/database/unpartition.postgres.sql
	unpartitionPostgres string
	//go:embed queries/finding/unresolved_of_run.sql
	unresolvedOfRunText string
	//go:embed queries/run/usual_shares.sql
	usualSharesText string
	//go:embed queries/run/weigh.sql
	weighText string
)

var (
	actionsOfPayinQuery      = both("actions_of_payin", actionsOfPayinText)
	actionsOfRunQuery        = both("actions_of_run", actionsOfRunText)
	alertsOfPayinQuery       = both("alerts_of_payin", alertsOfPayinText)
	announcedQuery           = both("announced", announcedText)
	appendChainQuery         = both("append_chain", appendChainText)
	askStopQuery             = both("ask_stop", askStopText)
	beatDuesQuery            = both("beat_dues", beatDuesText)
	chainActionsQuery        = both("chain_actions", chainActionsText)
	chainFindingsQuery       = both("chain_findings", chainFindingsText)
	chainHeadQuery           = both("chain_head", chainHeadText)
	chainStraysQuery         = both("chain_strays", chainStraysText)
	claimDueQuery            = both("claim_due", claimDueText)
	claimedDuesQuery         = both("claimed_dues", claimedDuesText)
	closeRunQuery            = both("close_run", closeRunText)
	correctPayinsQuery       = pair("correct_payins", correctPayinsPostgres, correctPayinsSQLite)
	countAlertsQuery         = both("count_alerts", countAlertsText)
	countRunsQuery           = both("count_runs", countRunsText)
	countPayinsQuery         = both("count_payins", countPayinsText)
	countRunQuery            = both("count_run", countRunText)
	decideQuery              = both("decide", decideText)
	decidedQuery             = both("decided", decidedText)
	dropExpiredSessionsQuery = both("drop_expired_sessions", dropExpiredSessionsText)
	dropPlannedQuery         = both("drop_planned", dropPlannedText)
	dropSessionQuery         = both("drop_session", dropSessionText)
	dropUserQuery            = both("drop_user", dropUserText)
	dropVerdictsQuery        = both("drop_verdicts", dropVerdictsText)
	durableQuery             = query{postgres: mustParse("durable", durablePostgres, postgres)}
	endAlertsQuery           = both("end_alerts", endAlertsText)
	endDueQuery              = both("end_due", endDueText)
	endHeldQuery             = both("end_held", endHeldText)
	fenceQuery               = pair("fence", fencePostgres, fenceSQLite)
	fillSelectionQuery       = both("fill_selection", fillSelectionText)
	fillUnresolvedQuery      = both("fill_unresolved", fillUnresolvedText)
	finalPayinsQuery         = both("final_payins", finalPayinsText)
	findSessionQuery         = both("find_session", findSessionText)
	findingQuery             = both("finding", findingText)
	findingsOfKeysQuery      = both("findings_of_keys", findingsOfKeysText)
	findingsOfOutcomesQuery  = both("findings_of_outcomes", findingsOfOutcomesText)
	findingsOfPayinQuery     = both("findings_of_payin", findingsOfPayinText)
	findingsOfPeriodQuery    = both("findings_of_period", findingsOfPeriodText)
	findingsOfRunQuery       = both("findings_of_run", findingsOfRunText)
	interruptRunQuery        = both("interrupt_run", interruptRunText)
	keepAliveQuery           = both("keep_alive", keepAliveText)
	knownProjectsQuery       = both("known_projects", knownProjectsText)
	lastCompleteQuery        = both("last_complete", lastCompleteText)
	lastDueQuery             = both("last_due", lastDueText)
	lastFindingQuery         = both("last_finding", lastFindingText)
	lastWholeRunQuery        = both("last_whole_run", lastWholeRunText)
	lastWindowQuery          = both("last_window", lastWindowText)
	lastWordQuery            = both("last_word", lastWordText)
	lockChainQuery           = both("lock_chain", lockChainText)
	lockDueQuery             = pair("lock_due", lockDuePostgres, lockDueSQLite)
	lockRunQuery             = pair("lock_run", lockRunPostgres, lockRunSQLite)
	lockSchemaQuery          = query{postgres: mustParse("lock_schema", lockSchemaPostgres, postgres)}
	nextVerdictsQuery        = both("next_verdicts", nextVerdictsText)
	noteRefusalQuery         = both("note_refusal", noteRefusalText)
	openPayinsQuery          = both("open_payins", openPayinsText)
	openRunQuery             = both("open_run", openRunText)
	plainPlansQuery          = query{postgres: mustParse("plain_plans", plainPlansPostgres, postgres)}
	planDecideQuery          = both("plan_decide", planDecideText)
	planDiscardQuery         = both("plan_discard", planDiscardText)
	planProbeQuery           = both("plan_probe", planProbeText)
	planReleaseQuery         = both("plan_release", planReleaseText)
	planRowsQuery            = both("plan_rows", planRowsText)
	planUndoQuery            = both("plan_undo", planUndoText)
	probeRowQuery            = both("probe_row", probeRowText)
	rowTriggersQuery         = query{sqlite: mustParse("row_triggers", rowTriggersSQLite, sqlite)}
	rowsNowQuery             = pair("rows_now", rowsNowPostgres, rowsNowSQLite)
	rulingsQuery             = both("rulings", rulingsText)
	runsOfScopeQuery         = both("runs_of_scope", runsOfScopeText)
	runOfDueQuery            = both("run_of_due", runOfDueText)
	runsQuery                = both("runs", runsText)
	saveActionsQuery         = pair("save_actions", saveActionsPostgres, saveActionsSQLite)
	saveAlertQuery           = both("save_alert", saveAlertText)
	saveFindingsQuery        = pair("save_findings", saveFindingsPostgres, saveFindingsSQLite)
	savePayinsQuery          = pair("save_payins", savePayinsPostgres, savePayinsSQLite)
	saveSessionQuery         = both("save_session", saveSessionText)
	saveUserQuery            = both("save_user", saveUserText)
	saveVerdictsQuery        = pair("save_verdicts", saveVerdictsPostgres, saveVerdictsSQLite)
	schemaVersionQuery       = both("schema_version", schemaVersionText)
	searchFindingsQuery      = both("search_findings", searchFindingsText)
	searchPayinQuery         = both("search_payin", searchPayinText)
	searchRunQuery           = both("search_run", searchRunText)
	selectedIdsQuery         = both("selected_ids", selectedIdsText)
	selectionFaultsQuery     = both("selection_faults", selectionFaultsText)
	selectionTypesQuery      = query{sqlite: mustParse("selection_types", selectionTypesSQLite, sqlite)}
	skipDueQuery             = both("skip_due", skipDueText)
	tableExistsQuery         = pair("table_exists", tableExistsPostgres, tableExistsSQLite)
	takeDueQuery             = both("take_due", takeDueText)
	takeRunQuery             = both("take_run", takeRunText)
	trailProjectsQuery       = both("trail_projects", trailProjectsText)
	forgetVerdictsQuery      = both("forget_verdicts", forgetVerdictsText)
	undecidedQuery           = both("undecided", undecidedText)
	usersQuery               = both("users", usersText)
	waitingAlertsQuery       = both("waiting_alerts", waitingAlertsText)
	weighAgainQuery          = both("weigh_again", weighAgainText)
	totalsOfPeriodQuery      = both("totals_of_period", totalsOfPeriodText)
	totalsOfRunQuery         = both("totals_of_run", totalsOfRunText)
	undoTriedQuery           = both("undo_tried", undoTriedText)
	unannouncedQuery         = both("unannounced", unannouncedText)
	judgedPayinsQuery        = both("judged_payins", judgedPayinsText)
	unjudgedPayinsQuery      = both("unjudged_payins", unjudgedPayinsText)
	unpartitionQuery         = query{postgres: mustParse("unpartition", unpartitionPostgres, postgres)}
	unresolvedOfRunQuery     = both("unresolved_of_run", unresolvedOfRunText)
	standingsQuery           = both("standings", standingsText)
	wholeRunBeforeQuery      = both("whole_run_before", wholeRunBeforeText)
	usualSharesQuery         = both("usual_shares", usualSharesText)
	weighQuery               = both("weigh", weighText)
)

// What is sent to whom: reports and deliveries.
var (
	//go:embed queries/report/any_difference.sql
	anyDifferenceText string
	//go:embed queries/report/base_of_period.sql
	baseOfPeriodText string
	//go:embed queries/report/base_of_project.sql
	baseOfProjectText string
	//go:embed queries/delivery/beat_delivery.sql
	beatDeliveryText string
	//go:embed queries/report/changes_of_correction.sql
	changesOfCorrectionText string
	//go:embed queries/delivery/claim_delivery.postgres.sql
	claimDeliveryPostgres string
	//go:embed queries/delivery/claim_delivery.sqlite.sql
	claimDeliverySQLite string
	//go:embed queries/delivery/count_deliveries.sql
	countDeliveriesText string
	//go:embed queries/report/cover_runs.sql
	coverRunsText string
	//go:embed queries/delivery/deliveries.sql
	deliveriesText string
	//go:embed queries/report/differences.sql
	differencesText string
	//go:embed queries/delivery/end_delivery.sql
	endDeliveryText string
	//go:embed queries/report/findings_of_correction.sql
	findingsOfCorrectionText string
	//go:embed queries/report/last_edition.sql
	lastEditionText string
	//go:embed queries/report/lock_report.postgres.sql
	lockReportPostgres string
	//go:embed queries/report/lock_report.sqlite.sql
	lockReportSQLite string
	//go:embed queries/run/recent_verdicts.sql
	recentVerdictsText string
	//go:embed queries/report/recipients_of_base.sql
	recipientsOfBaseText string
	//go:embed queries/report/report.sql
	reportText string
	//go:embed queries/report/report_of_run.sql
	reportOfRunText string
	//go:embed queries/report/runs_of_correction.sql
	runsOfCorrectionText string
	//go:embed queries/delivery/save_delivery.sql
	saveDeliveryText string
	//go:embed queries/report/save_report.postgres.sql
	saveReportPostgres string
	//go:embed queries/report/save_report.sqlite.sql
	saveReportSQLite string
	//go:embed queries/delivery/sending_deliveries.sql
	sendingDeliveriesText string
	//go:embed queries/delivery/take_delivery.sql
	takeDeliveryText string
	//go:embed queries/report/totals_of_correction.sql
	totalsOfCorrectionText string
	//go:embed queries/database/server.postgres.sql
	serverPostgres string
	//go:embed queries/database/server.sqlite.sql
	serverSQLite string
	//go:embed queries/report/told.sql
	toldText string
	//go:embed queries/delivery/try_again.sql
	tryAgainText string
)

var (
	anyDifferenceQuery        = both("any_difference", anyDifferenceText)
	baseOfPeriodQuery         = both("base_of_period", baseOfPeriodText)
	baseOfProjectQuery        = both("base_of_project", baseOfProjectText)
	beatDeliveryQuery         = both("beat_delivery", beatDeliveryText)
	changesOfCorrectionQuery  = both("changes_of_correction", changesOfCorrectionText)
	claimDeliveryQuery        = pair("claim_delivery", claimDeliveryPostgres, claimDeliverySQLite)
	countDeliveriesQuery      = both("count_deliveries", countDeliveriesText)
	coverRunsQuery            = both("cover_runs", coverRunsText)
	deliveriesQuery           = both("deliveries", deliveriesText)
	differencesQuery          = both("differences", differencesText)
	endDeliveryQuery          = both("end_delivery", endDeliveryText)
	findingsOfCorrectionQuery = both("findings_of_correction", findingsOfCorrectionText)
	lastEditionQuery          = both("last_edition", lastEditionText)
	lockReportQuery           = pair("lock_report", lockReportPostgres, lockReportSQLite)
	recentVerdictsQuery       = both("recent_verdicts", recentVerdictsText)
	recipientsOfBaseQuery     = both("recipients_of_base", recipientsOfBaseText)
	reportQuery               = both("report", reportText)
	reportOfRunQuery          = both("report_of_run", reportOfRunText)
	runsOfCorrectionQuery     = both("runs_of_correction", runsOfCorrectionText)
	saveDeliveryQuery         = both("save_delivery", saveDeliveryText)
	saveReportQuery           = pair("save_report", saveReportPostgres, saveReportSQLite)
	sendingDeliveriesQuery    = both("sending_deliveries", sendingDeliveriesText)
	serverQuery               = pair("server", serverPostgres, serverSQLite)
	takeDeliveryQuery         = both("take_delivery", takeDeliveryText)
	toldQuery                 = both("told", toldText)
	totalsOfCorrectionQuery   = both("totals_of_correction", totalsOfCorrectionText)
	tryAgainQuery             = both("try_again", tryAgainText)
	markSupportQuery          = both("mark_support", markSupportText)
	supportMarksQuery         = both("support_marks", supportMarksText)
)

// How payins fare over many nights.
var (
	//go:embed queries/finding/night_runs.sql
	nightRunsText string
	//go:embed queries/finding/nights.sql
	nightsText string
	//go:embed queries/finding/journeys.sql
	journeysText string
	//go:embed queries/action/journey_actions.sql
	journeyActionsText string
	//go:embed queries/report/reported.sql
	reportedText string
	//go:embed queries/report/save_late.sql
	saveLateText string
)

var (
	nightRunsQuery      = both("night_runs", nightRunsText)
	nightsQuery         = both("nights", nightsText)
	journeysQuery       = both("journeys", journeysText)
	journeyActionsQuery = both("journey_actions", journeyActionsText)
	reportedQuery       = both("reported", reportedText)
	saveLateQuery       = both("save_late", saveLateText)
)
