package sql

import _ "embed"

// What is taken out by age.
var (
	//go:embed queries/audit/anchor.sql
	anchorText string
	//go:embed queries/retention/drop_actions.sql
	dropActionsText string
	//go:embed queries/retention/drop_findings.sql
	dropFindingsText string
	//go:embed queries/retention/drop_old_alerts.sql
	dropOldAlertsText string
	//go:embed queries/retention/drop_old_covers.sql
	dropOldCoversText string
	//go:embed queries/retention/drop_old_deliveries.sql
	dropOldDeliveriesText string
	//go:embed queries/retention/drop_old_dues.sql
	dropOldDuesText string
	//go:embed queries/retention/drop_old_marks.sql
	dropOldMarksText string
	//go:embed queries/retention/drop_old_reports.sql
	dropOldReportsText string
	//go:embed queries/retention/drop_old_selection.sql
	dropOldSelectionText string
	//go:embed queries/retention/drop_old_unresolved.sql
	dropOldUnresolvedText string
	//go:embed queries/retention/drop_thinned_runs.sql
	dropThinnedRunsText string
	//go:embed queries/retention/kept_runs.sql
	keptRunsText string
	//go:embed queries/audit/lock_anchor.sql
	lockAnchorText string
	//go:embed queries/audit/move_anchor.sql
	moveAnchorText string
	//go:embed queries/retention/old_reports.sql
	oldReportsText string
	//go:embed queries/retention/open_marks.sql
	openMarksText string
	//go:embed queries/retention/prune_holds.sql
	pruneHoldsText string
	//go:embed queries/retention/prune_spans.sql
	pruneSpansText string
	//go:embed queries/retention/set_goal.sql
	setGoalText string
	//go:embed queries/retention/thin_runs.sql
	thinRunsText string
	//go:embed queries/retention/thinned_within.sql
	thinnedWithinText string
	//go:embed queries/retention/lock_old_runs.postgres.sql
	lockOldRunsPostgres string
	//go:embed queries/retention/lock_old_runs.sqlite.sql
	lockOldRunsSQLite string
)

var (
	anchorQuery            = both("anchor", anchorText)
	dropActionsQuery       = both("drop_actions", dropActionsText)
	dropFindingsQuery      = both("drop_findings", dropFindingsText)
	dropOldAlertsQuery     = both("drop_old_alerts", dropOldAlertsText)
	dropOldCoversQuery     = both("drop_old_covers", dropOldCoversText)
	dropOldDeliveriesQuery = both("drop_old_deliveries", dropOldDeliveriesText)
	dropOldDuesQuery       = both("drop_old_dues", dropOldDuesText)
	dropOldMarksQuery      = both("drop_old_marks", dropOldMarksText)
	dropOldReportsQuery    = both("drop_old_reports", dropOldReportsText)
	dropOldSelectionQuery  = both("drop_old_selection", dropOldSelectionText)
	dropOldUnresolvedQuery = both("drop_old_unresolved", dropOldUnresolvedText)
	dropThinnedRunsQuery   = both("drop_thinned_runs", dropThinnedRunsText)
	keptRunsQuery          = both("kept_runs", keptRunsText)
	lockAnchorQuery        = both("lock_anchor", lockAnchorText)
	moveAnchorQuery        = both("move_anchor", moveAnchorText)
	oldReportsQuery        = both("old_reports", oldReportsText)
	openMarksQuery         = both("open_marks", openMarksText)
	pruneHoldsQuery        = both("prune_holds", pruneHoldsText)
	pruneSpansQuery        = both("prune_spans", pruneSpansText)
	setGoalQuery           = both("set_goal", setGoalText)
	thinRunsQuery          = both("thin_runs", thinRunsText)
	thinnedWithinQuery     = both("thinned_within", thinnedWithinText)
	lockOldRunsQuery       = pair("lock_old_runs", lockOldRunsPostgres, lockOldRunsSQLite)
)
