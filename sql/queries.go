package sql

import (
	"embed"

	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var files = db.NewQueries(queryFiles)

func load(name string) db.Query { return files.Load(name) }

// Fragments are parts of other statements, which contain them as :NAME.
func init() {
	for name, q := range map[string]db.Query{
		"action_columns":  load("action/action_columns"),
		"counted":         load("finding/counted"),
		"differences":     load("report/differences"),
		"finding":         load("finding/finding"),
		"finding_answer":  load("finding/finding_answer"),
		"finding_columns": load("finding/finding_columns"),
		"latest_run":      load("finding/latest_run"),
		"decided_at":      load("action/decided_at"),
		"same_verdict":    load("finding/same_verdict"),
		"reported":        load("report/reported"),
	} {
		files.Fragments[name] = q
	}
}

var (
	actionsOfPayinQuery    = load("action/actions_of_payin")
	actionsOfRunQuery      = load("action/actions_of_run")
	heartbeatProjectQuery  = load("action/heartbeat_project")
	decidedPayinsQuery     = load("action/decided_payins")
	decisionOfFindingQuery = load("action/decision_of_finding")
	releaseProjectQuery    = load("action/release_project")
	dropPlannedRowsQuery   = load("action/drop_planned_rows")
	heldFindingsQuery      = load("action/held_findings")
	actionsOfHistoryQuery  = load("action/actions_of_history")
	lockProjectQuery       = load("action/lock_project")
	planDecideQuery        = load("action/plan_decide")
	planDiscardQuery       = load("action/plan_discard")
	planReleaseQuery       = load("action/plan_release")
	savePlannedRowsQuery   = load("action/save_planned_rows")
	planUndoDecisionQuery  = load("action/plan_undo_decision")
	planUndoQuery          = load("action/plan_undo")
	saveActionsQuery       = load("action/save_actions")
	acquireProjectQuery    = load("action/acquire_project")
	previousUndosQuery     = load("action/previous_undos")
)

var (
	deliveriesQuery    = load("delivery/deliveries")
	saveDeliveryQuery  = load("delivery/save_delivery")
	retryDeliveryQuery = load("delivery/retry_delivery")
)

var (
	findingsOfKeysQuery     = load("finding/findings_of_keys")
	findingsOfOutcomesQuery = load("finding/findings_of_outcomes")
	findingsOfPayinQuery    = load("finding/findings_of_payin")
	findingsOfPeriodQuery   = load("finding/findings_of_period")
	findingsOfRunQuery      = load("finding/findings_of_run")
	payinHistoriesQuery     = load("finding/payin_histories")
	latestFindingQuery      = load("finding/latest_finding")
	dailyRunsQuery          = load("finding/daily_runs")
	dailyTotalsQuery        = load("finding/daily_totals")
	saveFindingsQuery       = load("finding/save_findings")
	recentVerdictsQuery     = load("finding/recent_verdicts")
	searchFindingsQuery     = load("finding/search_findings")
	searchPayinQuery        = load("finding/search_payin")
	searchRunQuery          = load("finding/search_run")
	transitionsQuery        = load("finding/transitions")
	totalsQuery             = load("finding/totals")
	totalsOfPeriodQuery     = load("finding/totals_of_period")
	totalsOfRunQuery        = load("finding/totals_of_run")
	undecidedQuery          = load("finding/undecided")
	unresolvedOfRunQuery    = load("finding/unresolved_of_run")
)

var (
	markPublishedQuery        = load("report/mark_published")
	hasDifferenceQuery        = load("report/has_difference")
	baseOfPeriodQuery         = load("report/base_of_period")
	baseOfProjectQuery        = load("report/base_of_project")
	changesOfCorrectionQuery  = load("report/changes_of_correction")
	saveIncludedRunsQuery     = load("report/save_included_runs")
	findingsOfCorrectionQuery = load("report/findings_of_correction")
	lastVersionQuery          = load("report/last_version")
	lockReportQuery           = load("report/lock_report")
	recipientsOfBaseQuery     = load("report/recipients_of_base")
	reportOfRunQuery          = load("report/report_of_run")
	reportQuery               = load("report/report")
	baseReportsSinceQuery     = load("report/base_reports_since")
	runsOfCorrectionQuery     = load("report/runs_of_correction")
	saveAmendmentQuery        = load("report/save_amendment")
	saveReportQuery           = load("report/save_report")
	totalsOfCorrectionQuery   = load("report/totals_of_correction")
	unpublishedRunsQuery      = load("report/unpublished_runs")
	verifiedQuery             = load("report/verified")
)

var (
	dropOldAlertsQuery       = load("retention/drop_old_alerts")
	dropOldIncludedRunsQuery = load("retention/drop_old_included_runs")
	dropOldDeliveriesQuery   = load("retention/drop_old_deliveries")
	dropOldOccurrencesQuery  = load("retention/drop_old_occurrences")
	dropOldSupportCasesQuery = load("retention/drop_old_support_cases")
	dropOldReportsQuery      = load("retention/drop_old_reports")
	dropOldSelectionQuery    = load("retention/drop_old_selection")
	dropOldUnresolvedQuery   = load("retention/drop_old_unresolved")
	dropOldAnswersQuery      = load("retention/drop_old_answers")
	dropPrunedRunsQuery      = load("retention/drop_pruned_runs")
	countKeptRunsQuery       = load("retention/count_kept_runs")
	lockOldRunsQuery         = load("retention/lock_old_runs")
	oldEventsQuery           = load("retention/old_events")
	oldReportsQuery          = load("retention/old_reports")
	openSupportCasesQuery    = load("retention/open_support_cases")
	pruneBlockersQuery       = load("retention/prune_blockers")
	runsToPruneQuery         = load("retention/runs_to_prune")
	setCutoffQuery           = load("retention/set_cutoff")
	markPrunedQuery          = load("retention/mark_pruned")
	prunedWithinQuery        = load("retention/pruned_within")
)

var (
	requestStopQuery       = load("run/request_stop")
	closeRunQuery          = load("run/close_run")
	saveSelectedCountQuery = load("run/save_selected_count")
	saveDecisionQuery      = load("run/save_decision")
	dropVerdictsQuery      = load("run/drop_verdicts")
	fillSelectionQuery     = load("run/fill_selection")
	fillUnresolvedQuery    = load("run/fill_unresolved")
	resetOldVerdictsQuery  = load("run/reset_old_verdicts")
	interruptRunQuery      = load("run/interrupt_run")
	judgedPayinsQuery      = load("run/judged_payins")
	lastCompleteQuery      = load("run/last_complete")
	lastWholeRunQuery      = load("run/last_whole_run")
	lastWholeStartQuery    = load("run/last_whole_start")
	lastWindowQuery        = load("run/last_window")
	lockRunQuery           = load("run/lock_run")
	nextVerdictsQuery      = load("run/next_verdicts")
	saveRefusalQuery       = load("run/save_refusal")
	openRunQuery           = load("run/open_run")
	markLockedQuery        = load("run/mark_locked")
	runOfOccurrenceQuery   = load("run/run_of_occurrence")
	runsOfScopeQuery       = load("run/runs_of_scope")
	countRunsQuery         = load("run/count_runs")
	runsQuery              = load("run/runs")
	markFaultyQuery        = load("run/mark_faulty")
	markHeldQuery          = load("run/mark_held")
	saveVerdictsQuery      = load("run/save_verdicts")
	selectedIdsQuery       = load("run/selected_ids")
	selectionFaultsQuery   = load("run/selection_faults")
	acquireRunQuery        = load("run/acquire_run")
	unjudgedPayinsQuery    = load("run/unjudged_payins")
	trimRecheckQuery       = load("run/trim_recheck")
	resetDecisionQuery     = load("run/reset_decision")
	impactSummaryQuery     = load("run/impact_summary")
	wholeRunBeforeQuery    = load("run/whole_run_before")
)
