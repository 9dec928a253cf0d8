package queue

import (
	"embed"

	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	claimBatchQuery         = Files.Load("claim_batch")
	countBatchesQuery       = Files.Load("count_batches")
	createBatchesQuery      = Files.Load("create_batches")
	dropBatchesQuery        = Files.Load("drop_batches")
	endBatchQuery           = Files.Load("end_batch")
	expiredRunsQuery        = Files.Load("expired_runs")
	heartbeatBatchQuery     = Files.Load("heartbeat_batch")
	heartbeatQueuedRunQuery = Files.Load("heartbeat_queued_run")
	jobsByStateQuery        = Files.Load("jobs_by_state")
	lockBatchRunQuery       = Files.Load("lock_batch_run")
	queueRunEndQuery        = Files.Load("queue_run_end")
	releaseBatchQuery       = Files.Load("release_batch")
	requeueStaleQuery       = Files.Load("requeue_stale")
	reserveSlotsQuery       = Files.Load("reserve_slots")
	runClosedQuery          = Files.Load("run_closed")
	saveJobIDsQuery         = Files.Load("save_job_ids")
)
