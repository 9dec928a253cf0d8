package reconcile

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// LeaseTime is the time after the last heartbeat at which a run's lease expires. It is twenty heartbeat
// intervals. A shorter time would also be safe, because each write requires the owner's token. However, a slow
// owner would lose its work.
const LeaseTime = time.Minute

// ThisProcess returns the owner for this process.
func ThisProcess() Owner {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	pid := os.Getpid()
	return Owner{Token: rand.Text(), Host: host, PID: pid, Process: identify(pid)}
}

// batchPayins is the number of payins in a batch. Claiming a batch costs little compared with its queries, and a worker
// that dies during a batch loses little work.
const batchPayins = 500

// Workers returns an owner that represents all workers on all machines. This owner is not a single process, so the
// owner's lease expires only by time.
func Workers() Owner {
	o := ThisProcess()
	o.Process, o.BatchSize = "", batchPayins
	return o
}

// LeaseExpired reports whether the lease of a run's owner has expired: see OwnerExpired.
func LeaseExpired(run Run) bool { return OwnerExpired(run.Owner, run.HeartbeatAge) }

// OwnerExpired reports whether an owner's lease has expired. A lease expires if its last heartbeat is older than
// LeaseTime, or if its process ran on this machine in this PID namespace and has ended.
func OwnerExpired(owner Owner, heartbeatAge time.Duration) bool {
	if heartbeatAge > LeaseTime {
		return true
	}
	space, _, known := strings.Cut(owner.Process, "/")
	here, _, seen := strings.Cut(identify(os.Getpid()), "/")
	if !known || !seen || space != here {
		return false // a process on another machine or in another container cannot be checked
	}
	return identify(owner.PID) != owner.Process
}

// identify returns an identity of a process, "boot:pid namespace/start". The system may reuse a PID, but not with the
// same start time within one boot. identify returns an empty string if the system does not provide this information.
func identify(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	place := string(bytes.TrimSpace(boot)) + ":" + space
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return place + "/gone"
	}
	// The process's name is in parentheses and may contain spaces and parentheses. The start time is the 20th field
	// after the name.
	_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return ""
	}
	if fields[0] == "Z" { // a zombie, which has ended but was not reaped by its parent
		return place + "/gone"
	}
	return place + "/" + fields[19]
}

// Owner is the process that works on a run.
type Owner struct {
	Token   string // unique for each process; every write of the process requires it
	Host    string
	PID     int
	Process string // identity of the process: see identify; empty if unknown

	// BatchSize is the number of payins in each queued batch, if the owner stands for all workers, which share the
	// token. 0 means that the process works alone. BatchSize is not stored with the run.
	BatchSize int
}

// Lease is the right to write to a run. Each write to the run takes a Lease, and returns ErrRunLost if another process
// has acquired the run.
type Lease struct {
	RunID     int64
	ProjectID string
	Token     string
}

// Errors about runs and leases that a store returns.
var (
	ErrRunLost   = errors.New("another process has acquired this run")
	ErrRunClosed = errors.New("this run is closed")
	ErrNoRun     = errors.New("there is no such run")
)

// IsType reports whether an error, or an error that it wraps, has the type E. If the error's fields matter, use
// errors.AsType.
func IsType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// HeldError means that another process holds the lock on the project.
type HeldError struct {
	Run    Run        // the run that holds the lock on the project
	Action ActionKind // the person's action that holds the lock; empty if the run itself holds the lock
}

func (e *HeldError) Error() string {
	holder := fmt.Sprintf("run %d", e.Run.ID)
	if e.Action != "" {
		holder = fmt.Sprintf("%s of run %d", e.Action, e.Run.ID)
	}
	return fmt.Sprintf("%s is working on project %s: started %s by process %d on %s, last heartbeat %s", holder,
		e.Run.ProjectID, e.Run.StartedAt.Format(time.RFC3339), e.Run.Owner.PID, e.Run.Owner.Host,
		e.Run.HeartbeatAt.Format(time.RFC3339))
}
