package sql

import (
	"embed"

	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var files = db.NewQueries(queryFiles)

func load(name string) db.Query { return files.Load(name) }

// Fragments are what other statements contain as :NAME, with their parameters.
func init() {
	for name, q := range map[string]db.Query{
		"action_columns":  load("action/action_columns"),
		"counted":         load("finding/counted"),
		"differences":     load("report/differences"),
		"finding":         load("finding/finding"),
		"finding_answer":  load("finding/finding_answer"),
		"finding_columns": load("finding/finding_columns"),
		"last_word":       load("finding/last_word"),
		"rulings":         load("action/rulings"),
		"same_verdict":    load("finding/same_verdict"),
		"told":            load("report/told"),
	} {
		files.Fragments[name] = q
	}
}

// The merchant's queries, of which HHRECON_SQL_DIR may hold others.
var (
	correctPayinsQuery = load("correct_payins")
	finalPayinsQuery   = load("final_payins")
	openPayinsQuery    = load("open_payins")
	payinStatusesQuery = load("payin_statuses")
)

var (
	actionsOfPayinQuery   = load("action/actions_of_payin")
	actionsOfRunQuery     = load("action/actions_of_run")
	beatProjectQuery      = load("action/beat_project")
	decidedPayinsQuery    = load("action/decided_payins")
	decidedQuery          = load("action/decided")
	dropLockQuery         = load("action/drop_lock")
	dropPlannedQuery      = load("action/drop_planned")
	heldFindingsQuery     = load("action/held_findings")
	journeyActionsQuery   = load("action/journey_actions")
	lockProjectQuery      = load("action/lock_project")
	planDecideQuery       = load("action/plan_decide")
	planDiscardQuery      = load("action/plan_discard")
	planReleaseQuery      = load("action/plan_release")
	planRowsQuery         = load("action/plan_rows")
	planUndoDecisionQuery = load("action/plan_undo_decision")
	planUndoQuery         = load("action/plan_undo")
	saveActionsQuery      = load("action/save_actions")
	takeProjectQuery      = load("action/take_project")
	undoTriedQuery        = load("action/undo_tried")
)

var databaseClockQuery = load("database/database_clock")

var (
	deliveriesQuery   = load("delivery/deliveries")
	saveDeliveryQuery = load("delivery/save_delivery")
	tryAgainQuery     = load("delivery/try_again")
)

var (
	findingsOfKeysQuery     = load("finding/findings_of_keys")
	findingsOfOutcomesQuery = load("finding/findings_of_outcomes")
	findingsOfPayinQuery    = load("finding/findings_of_payin")
	findingsOfPeriodQuery   = load("finding/findings_of_period")
	findingsOfRunQuery      = load("finding/findings_of_run")
	journeysQuery           = load("finding/journeys")
	lastFindingQuery        = load("finding/last_finding")
	nightRunsQuery          = load("finding/night_runs")
	nightsQuery             = load("finding/nights")
	saveFindingsQuery       = load("finding/save_findings")
	searchFindingsQuery     = load("finding/search_findings")
	searchPayinQuery        = load("finding/search_payin")
	searchRunQuery          = load("finding/search_run")
	standingsQuery          = load("finding/standings")
	totalsQuery             = load("finding/totals")
	totalsOfPeriodQuery     = load("finding/totals_of_period")
	totalsOfRunQuery        = load("finding/totals_of_run")
	undecidedQuery          = load("finding/undecided")
	unresolvedOfRunQuery    = load("finding/unresolved_of_run")
)

var (
	beatBatchQuery     = load("queue/beat_batch")
	beatRunQuery       = load("queue/beat_run")
	claimBatchQuery    = load("queue/claim_batch")
	countBatchesQuery  = load("queue/count_batches")
	dropBatchesQuery   = load("queue/drop_batches")
	endBatchQuery      = load("queue/end_batch")
	freeBatchesQuery   = load("queue/free_batches")
	giveBackBatchQuery = load("queue/give_back_batch")
	jobsByStateQuery   = load("queue/jobs_by_state")
	lockBatchRunQuery  = load("queue/lock_batch_run")
	makeBatchesQuery   = load("queue/make_batches")
	noteJobsQuery      = load("queue/note_jobs")
	queueEndQuery      = load("queue/queue_end")
	reserveSlotsQuery  = load("queue/reserve_slots")
)

var (
	announcedQuery            = load("report/announced")
	anyDifferenceQuery        = load("report/any_difference")
	baseOfPeriodQuery         = load("report/base_of_period")
	baseOfProjectQuery        = load("report/base_of_project")
	changesOfCorrectionQuery  = load("report/changes_of_correction")
	coverRunsQuery            = load("report/cover_runs")
	findingsOfCorrectionQuery = load("report/findings_of_correction")
	lastEditionQuery          = load("report/last_edition")
	lockReportQuery           = load("report/lock_report")
	recipientsOfBaseQuery     = load("report/recipients_of_base")
	reportOfRunQuery          = load("report/report_of_run")
	reportQuery               = load("report/report")
	reportedQuery             = load("report/reported")
	runsOfCorrectionQuery     = load("report/runs_of_correction")
	saveLateQuery             = load("report/save_late")
	saveReportQuery           = load("report/save_report")
	totalsOfCorrectionQuery   = load("report/totals_of_correction")
	unannouncedQuery          = load("report/unannounced")
	verifiedQuery             = load("report/verified")
)

var (
	dropOldAlertsQuery     = load("retention/drop_old_alerts")
	dropOldCoversQuery     = load("retention/drop_old_covers")
	dropOldDeliveriesQuery = load("retention/drop_old_deliveries")
	dropOldDuesQuery       = load("retention/drop_old_dues")
	dropOldMarksQuery      = load("retention/drop_old_marks")
	dropOldReportsQuery    = load("retention/drop_old_reports")
	dropOldSelectionQuery  = load("retention/drop_old_selection")
	dropOldUnresolvedQuery = load("retention/drop_old_unresolved")
	dropOldAnswersQuery    = load("retention/drop_old_answers")
	dropThinnedRunsQuery   = load("retention/drop_thinned_runs")
	keptRunsQuery          = load("retention/kept_runs")
	lockOldRunsQuery       = load("retention/lock_old_runs")
	oldEventsQuery         = load("retention/old_events")
	oldReportsQuery        = load("retention/old_reports")
	openMarksQuery         = load("retention/open_marks")
	pruneHoldsQuery        = load("retention/prune_holds")
	pruneSpansQuery        = load("retention/prune_spans")
	setGoalQuery           = load("retention/set_goal")
	thinRunsQuery          = load("retention/thin_runs")
	thinnedWithinQuery     = load("retention/thinned_within")
)

var (
	askStopQuery         = load("run/ask_stop")
	closeRunQuery        = load("run/close_run")
	copyPayinsQuery      = load("run/copy_payins")
	countPayinsQuery     = load("run/count_payins")
	countRunQuery        = load("run/count_run")
	countStatusesQuery   = load("run/count_statuses")
	decideQuery          = load("run/decide")
	dropVerdictsQuery    = load("run/drop_verdicts")
	fenceQuery           = load("run/fence")
	fillSelectionQuery   = load("run/fill_selection")
	fillUnresolvedQuery  = load("run/fill_unresolved")
	forgetVerdictsQuery  = load("run/forget_verdicts")
	interruptRunQuery    = load("run/interrupt_run")
	judgedPayinsQuery    = load("run/judged_payins")
	keepAliveQuery       = load("run/keep_alive")
	lastCompleteQuery    = load("run/last_complete")
	lastWholeRunQuery    = load("run/last_whole_run")
	lastWholeStartQuery  = load("run/last_whole_start")
	lastWindowQuery      = load("run/last_window")
	limitWaitQuery       = load("run/limit_wait")
	lockRowsQuery        = load("run/lock_rows")
	lockRunQuery         = load("run/lock_run")
	nextVerdictsQuery    = load("run/next_verdicts")
	noteRefusalQuery     = load("run/note_refusal")
	openRunQuery         = load("run/open_run")
	planProbeQuery       = load("run/plan_probe")
	obstaclesQuery       = load("run/obstacles")
	probeRowsQuery       = load("run/probe_rows")
	proofRowsQuery       = load("run/proof_rows")
	rowsNowQuery         = load("run/rows_now")
	setAsideQuery        = load("run/set_aside")
	setChangesQuery      = load("run/set_changes")
	runOfDueQuery        = load("run/run_of_due")
	runsOfScopeQuery     = load("run/runs_of_scope")
	runsQuery            = load("run/runs")
	markFaultyQuery      = load("run/mark_faulty")
	markHeldQuery        = load("run/mark_held")
	savePayinsQuery      = load("run/save_payins")
	saveVerdictsQuery    = load("run/save_verdicts")
	selectedIdsQuery     = load("run/selected_ids")
	selectionFaultsQuery = load("run/selection_faults")
	takeRunQuery         = load("run/take_run")
	unjudgedPayinsQuery  = load("run/unjudged_payins")
	trimRecheckQuery     = load("run/trim_recheck")
	weighAgainQuery      = load("run/weigh_again")
	weighQuery           = load("run/weigh")
	wholeRunBeforeQuery  = load("run/whole_run_before")
)
