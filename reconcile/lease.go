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

// LeaseTime is how long a run's owner may be silent before the run counts as broken off: twenty signs
// of life missed. Taking over earlier could not do harm, since every write is fenced by the owner's
// token, but would waste the work of an owner that was only slow.
const LeaseTime = time.Minute

// ThisProcess returns the owner that stands for this process.
func ThisProcess() Owner {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	pid := os.Getpid()
	return Owner{Token: rand.Text(), Host: host, PID: pid, Process: identify(pid)}
}

// batchPayins is how many payins a batch has: enough that claiming it costs nothing beside asking, and few enough that
// a machine that dies takes little along.
const batchPayins = 500

// Workers returns an owner that stands for all workers, on any machines; this process only begins for them. No
// process's end is theirs, so only silence tells that they are gone.
func Workers() Owner {
	o := ThisProcess()
	o.Process, o.BatchSize = "", batchPayins
	return o
}

// LeaseExpired tells whether the owner of a run is gone for good, see OwnerExpired.
func LeaseExpired(run Run) bool { return OwnerExpired(run.Owner, run.HeartbeatAge) }

// OwnerExpired tells whether an owner is gone for good: silent for longer than its lease, or a process of this
// very machine and PID namespace that no longer exists.
func OwnerExpired(owner Owner, silence time.Duration) bool {
	if silence > LeaseTime {
		return true
	}
	space, _, known := strings.Cut(owner.Process, "/")
	here, _, seen := strings.Cut(identify(os.Getpid()), "/")
	if !known || !seen || space != here {
		return false // on another machine or in another container: only its silence tells
	}
	return identify(owner.PID) != owner.Process
}

// identify tells one process from every other one, past and present, as "boot:pid namespace/start":
// a PID is used again, but not with the same start in the same boot. It returns "" where the system does
// not tell.
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
	// The name, in brackets, may itself hold spaces and brackets; the start is the 20th field after it.
	_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return ""
	}
	if fields[0] == "Z" { // ended, and only waits for its parent to notice
		return place + "/gone"
	}
	return place + "/" + fields[19]
}

// Owner is the process that works on a run.
type Owner struct {
	Token   string // unlike that of any other process, ever: what it writes, it writes under this
	Host    string
	PID     int
	Process string // tells this process from a later one with the same host and PID; "" where that cannot be told

	// BatchSize is set of an owner that stands for all workers, who share the token: the run is queued in batches of so
	// many payins. 0: the process works alone. It is not stored with the run.
	BatchSize int
}

// Lease is the right to write to a run. Every writing call names it, and comes back with ErrRunLost
// where another process has taken the run over.
type Lease struct {
	RunID     int64
	ProjectID string
	Token     string
}

// The errors that a Store returns for a caller to act on.
var (
	ErrRunLost   = errors.New("another process has taken this run over")
	ErrRunClosed = errors.New("this run is closed")
	ErrNoRun     = errors.New("there is no such run")
)

// HeldError says that another process runs the project.
type HeldError struct {
	Run    Run        // the run that holds it
	Action ActionKind // what a person does about that run, if it is that which holds it
}

func (e *HeldError) Error() string {
	who := fmt.Sprintf("run %d", e.Run.ID)
	if e.Action != "" {
		who = fmt.Sprintf("%s of run %d", e.Action, e.Run.ID)
	}
	return fmt.Sprintf("%s holds project %s: started %s by process %d on %s, last heartbeat %s",
		who, e.Run.ProjectID, e.Run.StartedAt.Format(time.RFC3339), e.Run.Owner.PID, e.Run.Owner.Host,
		e.Run.HeartbeatAt.Format(time.RFC3339))
}
