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

// LeaseTime is how long a run's owner may be without a heartbeat before its lease expires: twenty heartbeats. A shorter
// time would be safe, since each write requires the owner's token, but would waste the work of a slow owner.
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

// batchPayins is the number of payins in a batch: large enough that a claim costs little compared with the queries, and
// small enough that a worker that dies loses little work.
const batchPayins = 500

// Workers returns an owner that stands for all workers on any machines. Its lease expires only by time, since it is not
// one process.
func Workers() Owner {
	o := ThisProcess()
	o.Process, o.BatchSize = "", batchPayins
	return o
}

// LeaseExpired tells whether the lease of a run's owner has expired: see OwnerExpired.
func LeaseExpired(run Run) bool { return OwnerExpired(run.Owner, run.HeartbeatAge) }

// OwnerExpired tells whether an owner's lease has expired: its last heartbeat is older than LeaseTime, or its process
// ran on this machine in this PID namespace and has ended.
func OwnerExpired(owner Owner, silence time.Duration) bool {
	if silence > LeaseTime {
		return true
	}
	space, _, known := strings.Cut(owner.Process, "/")
	here, _, seen := strings.Cut(identify(os.Getpid()), "/")
	if !known || !seen || space != here {
		return false // on another machine or in another container, only the heartbeat's age tells
	}
	return identify(owner.PID) != owner.Process
}

// identify returns an identity of a process, "boot:pid namespace/start". A PID is reused, but not with the same start
// time within one boot. It returns an empty string if the system does not provide these facts.
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
	// The process's name is in parentheses and may itself have spaces and parentheses. The start time is the 20th field
	// after it.
	_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return ""
	}
	if fields[0] == "Z" { // a zombie: ended, but not reaped by its parent
		return place + "/gone"
	}
	return place + "/" + fields[19]
}

// Owner is the process that works on a run.
type Owner struct {
	Token   string // unique for each process; each write of the process requires it
	Host    string
	PID     int
	Process string // distinguishes this process from a later one with the same host and PID; empty if unknown

	// BatchSize is set if the owner stands for all workers, who share the token. The run is queued in batches of that
	// many payins. 0: the process works alone. It is not stored with the run.
	BatchSize int
}

// Lease is the right to write to a run. Each write takes it, and returns ErrRunLost if another process has acquired the
// run.
type Lease struct {
	RunID     int64
	ProjectID string
	Token     string
}

// The errors that a store returns about runs and leases.
var (
	ErrRunLost   = errors.New("another process has taken this run over")
	ErrRunClosed = errors.New("this run is closed")
	ErrNoRun     = errors.New("there is no such run")
)

// HeldError says that another process holds the project.
type HeldError struct {
	Run    Run        // the run that holds it
	Action ActionKind // the person's action that holds the project; empty if the run itself does
}

func (e *HeldError) Error() string {
	who := fmt.Sprintf("run %d", e.Run.ID)
	if e.Action != "" {
		who = fmt.Sprintf("%s of run %d", e.Action, e.Run.ID)
	}
	return fmt.Sprintf("%s holds project %s: started %s by process %d on %s, last heartbeat %s", who, e.Run.ProjectID,
		e.Run.StartedAt.Format(time.RFC3339), e.Run.Owner.PID, e.Run.Owner.Host, e.Run.HeartbeatAt.Format(time.RFC3339))
}
