package sql

import (
	_ "embed" // a file that is missing does not compile
)

// The statements of queued runs; all but one are PostgreSQL's alone.
var (
	//go:embed queries/queue/beat_batch.postgres.sql
	beatBatchPostgres string
	//go:embed queries/queue/beat_run.postgres.sql
	beatRunPostgres string
	//go:embed queries/queue/claim_batch.postgres.sql
	claimBatchPostgres string
	//go:embed queries/queue/count_batches.postgres.sql
	countBatchesPostgres string
	//go:embed queries/queue/drop_batches.sql
	dropBatchesText string
	//go:embed queries/queue/end_batch.postgres.sql
	endBatchPostgres string
	//go:embed queries/queue/free_batches.postgres.sql
	freeBatchesPostgres string
	//go:embed queries/queue/give_back_batch.postgres.sql
	giveBackBatchPostgres string
	//go:embed queries/queue/jobs_by_state.postgres.sql
	jobsByStatePostgres string
	//go:embed queries/queue/lock_batch_run.postgres.sql
	lockBatchRunPostgres string
	//go:embed queries/queue/make_batches.postgres.sql
	makeBatchesPostgres string
	//go:embed queries/queue/note_jobs.postgres.sql
	noteJobsPostgres string
	//go:embed queries/queue/queue_end.postgres.sql
	queueEndPostgres string
	//go:embed queries/queue/reserve_slots.postgres.sql
	reserveSlotsPostgres string
	//go:embed queries/queue/silent_runs.postgres.sql
	silentRunsPostgres string
)

var (
	beatBatchQuery     = query{postgres: mustParse("beat_batch", beatBatchPostgres, postgres)}
	beatRunQuery       = query{postgres: mustParse("beat_run", beatRunPostgres, postgres)}
	claimBatchQuery    = query{postgres: mustParse("claim_batch", claimBatchPostgres, postgres)}
	countBatchesQuery  = query{postgres: mustParse("count_batches", countBatchesPostgres, postgres)}
	dropBatchesQuery   = both("drop_batches", dropBatchesText)
	endBatchQuery      = query{postgres: mustParse("end_batch", endBatchPostgres, postgres)}
	freeBatchesQuery   = query{postgres: mustParse("free_batches", freeBatchesPostgres, postgres)}
	giveBackBatchQuery = query{postgres: mustParse("give_back_batch", giveBackBatchPostgres, postgres)}
	jobsByStateQuery   = query{postgres: mustParse("jobs_by_state", jobsByStatePostgres, postgres)}
	lockBatchRunQuery  = query{postgres: mustParse("lock_batch_run", lockBatchRunPostgres, postgres)}
	makeBatchesQuery   = query{postgres: mustParse("make_batches", makeBatchesPostgres, postgres)}
	noteJobsQuery      = query{postgres: mustParse("note_jobs", noteJobsPostgres, postgres)}
	queueEndQuery      = query{postgres: mustParse("queue_end", queueEndPostgres, postgres)}
	reserveSlotsQuery  = query{postgres: mustParse("reserve_slots", reserveSlotsPostgres, postgres)}
	silentRunsQuery    = query{postgres: mustParse("silent_runs", silentRunsPostgres, postgres)}
)
