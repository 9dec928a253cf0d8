package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/sql"
)

// look takes over what dead processes left, and begins what is due.
func (k *timekeeper) look(ctx context.Context, work *sync.WaitGroup) {
	if err := k.takeOver(ctx, work); err != nil && ctx.Err() == nil {
		k.log.Error("cannot look for work that was left; tried again soon", "error", err)
	}
	for _, p := range k.posts {
		if err := k.lookAt(ctx, work, p); err != nil && ctx.Err() == nil {
			k.log.Error("cannot look what is due; tried again soon", "job", p.Name, "error", err)
		}
	}
}

// lookAt begins what is due of one job. Of several due times that were missed the last one is carried out.
func (k *timekeeper) lookAt(ctx context.Context, work *sync.WaitGroup, p *post) error {
	now := time.Now().Add(early)
	if p.next.After(now) && !p.next.After(p.Next(now)) { // otherwise the clock was set back
		return nil
	}
	from, err := k.known(ctx, p)
	if err != nil {
		return err
	}
	if due := p.Between(from, now); len(due) > 0 {
		at, missed := due[len(due)-1], due[:len(due)-1]
		if len(missed) > 0 {
			k.log.Warn("due times were missed; the last one is made up for", "job", p.Name, "missed", len(due), "first", missed[0].In(p.Zone), "last", at.In(p.Zone))
		}
		if err := k.skip(ctx, p, missed, "missed: no process was there; the last one that was missed is made up for"); err != nil {
			return err
		}
		claimed, err := k.timetable.ClaimDue(ctx, p.Name, at, k.owner, alive)
		if err != nil {
			return err
		}
		if claimed {
			k.begin(ctx, work, p.Job, at)
		}
	}
	p.next = p.Next(now)
	return nil
}

// known is the time up to which the timetable knows of a job's due times. Of a job that is new to it, it notes one.
func (k *timekeeper) known(ctx context.Context, p *post) (time.Time, error) {
	last, known, err := k.timetable.LastDue(ctx, p.Name)
	if err != nil {
		return last.At, err
	}
	if known && last.At.After(time.Now().Add(clockFault)) {
		return k.clockWasWrong(p, last.At), nil
	}
	if known && !p.fresh {
		return last.At, nil
	}
	if at := p.Last(p.since); !at.IsZero() && at.After(last.At) {
		k.log.Info("job is due from now on", "job", p.Name, "not_for", at.In(p.Zone), "next", p.Next(p.since).In(p.Zone))
		if err := k.skip(ctx, p, []time.Time{at}, "from before this schedule was in force"); err != nil {
			return at, err
		}
	}
	p.fresh = false
	if last.At.After(p.since) {
		return last.At, nil
	}
	return p.since, nil
}

// clockFault is by how much the timetable may be ahead of this machine's clock before one of the two counts as wrong.
const clockFault = 10 * time.Minute

// clockWasWrong is where to go on where the timetable has a due time of the future: a clock that went ahead for a while
// must not cost all nights until then. What has a row already is not begun again.
func (k *timekeeper) clockWasWrong(p *post, ahead time.Time) time.Time {
	k.log.Warn("the timetable has a due time of the future: a clock was, or is, wrong", "job", p.Name, "due", ahead.In(p.Zone))
	from := p.Last(time.Now().Add(early)).Add(-time.Nanosecond)
	if p.fresh && from.Before(p.since) {
		return p.since
	}
	return from
}

// skip notes due times that nobody carries out, the latest ones at least.
func (k *timekeeper) skip(ctx context.Context, p *post, due []time.Time, why string) error {
	for _, at := range due[max(0, len(due)-mostNotes):] {
		if err := k.timetable.EndDue(ctx, reconcile.Due{Job: p.Name, At: at, State: reconcile.DueSkipped, Owner: k.owner, Note: why}); err != nil {
			return err
		}
	}
	return nil
}

// dead tells whether a claim may be taken over. This process's own may: where nobody works on it, its answer was lost.
func (k *timekeeper) dead(owner reconcile.Owner, silence time.Duration) bool {
	return owner.Token == k.owner.Token || reconcile.OwnerDead(owner, silence)
}

// alive leaves every claim to its owner: what is broken off is looked for by takeOver, which says so.
func alive(reconcile.Owner, time.Duration) bool { return false }

// takeOver goes on with what dead processes began.
func (k *timekeeper) takeOver(ctx context.Context, work *sync.WaitGroup) error {
	broken, err := k.timetable.BrokenDues(ctx, k.dead)
	if err != nil {
		return err
	}
	for _, d := range broken {
		p := k.post(d.Job)
		if k.worksOn(d.Job, d.At) || p == nil && time.Since(d.At) < time.Hour {
			continue // another process may know the job; in the end somebody has to say that nobody does
		}
		claimed, err := k.timetable.ClaimDue(ctx, d.Job, d.At, k.owner, k.dead)
		if err != nil {
			return err
		}
		if !claimed {
			continue
		}
		k.log.Warn("a due time is taken over: its process is gone", "job", d.Job, "due", d.At, "host", d.Owner.Host, "pid", d.Owner.PID)
		if p == nil {
			d.Owner, d.State, d.Note = k.owner, reconcile.DueFailed, "broke off, and its job is not in the settings any more"
			k.end(ctx, d)
			continue
		}
		k.begin(ctx, work, p.Job, d.At)
	}
	return nil
}

func (k *timekeeper) post(name string) *post {
	for _, p := range k.posts {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// How a job deals with what stands in its way: another run of the project, or a database that is away.
const (
	patienceOfJob = 2 * time.Hour   // then it fails
	busyPause     = time.Second     // between two looks whether the project is free
	lostPause     = 5 * time.Second // between two tries to reach the database
)

// timekeeper keeps the service's schedules.
func (v *service) timekeeper() *timekeeper {
	return &timekeeper{
		timetable: v.store, owner: v.owner, log: v.log, reloads: v.reloads,
		jobs: func() []config.Job { return v.settings().Schedules() },
		do: func(ctx context.Context, j config.Job, at time.Time) (string, error) {
			n, note := v.night(), ""
			err := caught(func() (err error) {
				note, err = n.doJob(ctx, j, at)
				return err
			})
			n.dueEnded(ctx, j, at, err)
			return note, err
		},
	}
}

// doJob carries a job out for a due time, and says in few words what came of it. Done again after a crash, it does what is
// left.
func (n *night) doJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	if j.Do == "report" {
		return n.reportJob(ctx, j, at)
	}
	return n.reconcileJob(ctx, j, at)
}

// reconcileJob runs every project of the job, one after the other; where workers share the work, all at once, so that a slow one
// holds up no other. One that fails keeps no other from its run.
func (n *night) reconcileJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	var ids []string
	if j.Project != "" {
		ids = []string{j.Project}
	}
	projects, err := n.settings.Choose(ids)
	if err != nil {
		return "", err
	}
	said := make([]string, len(projects))
	worst := forEach(projects, n.queue, func(i int, p config.Project) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return caught(func() (err error) {
			said[i], err = n.dueRun(ctx, p, reconcile.DueName(j.Name, at))
			return err
		})
	})
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	notes := slices.DeleteFunc(said, func(note string) bool { return note == "" })
	note := strings.Join(notes, "; ")
	switch codeOf(worst) {
	case exitOK, exitUntrusted, exitHeld: // the runs are closed; their headlines tell
		return note, nil
	}
	if note != "" {
		return "", fmt.Errorf("%w\n%s", worst, note)
	}
	return "", worst
}

// dueRun sees one project's run for a due time through, whoever began it, and waits for its turn.
func (n *night) dueRun(ctx context.Context, p config.Project, due string) (string, error) {
	w, err := n.project(p)
	if err != nil {
		return "", err
	}
	defer w.client.Close()
	c := &runCmd{Queue: n.queue, origin: reconcile.Origin{Trigger: reconcile.TriggerSchedule, Due: due}}
	err = n.persist(ctx, "run of project "+p.ID, func() error {
		err := c.reconcile(ctx, w)
		var done *reconcile.DoneError
		if !errors.As(err, &done) {
			return err
		}
		switch {
		case w.concluded[done.Run.ID] != "":
			return nil // it broke off before, and was finished just now
		case done.Run.ClosedAt.IsZero():
			return &reconcile.HeldError{Run: done.Run} // another process took it
		}
		batches, err := w.store.CountBatches(ctx, done.Run.ID)
		if err != nil {
			return err
		}
		if batches.Batches > 0 {
			run, err := w.await(ctx, done.Run, nil)
			return w.tell(ctx, run, err) // its workers report it
		}
		return w.conclude(ctx, done.Run, nil) // it was closed, but perhaps not reported
	})
	var notes []string
	for _, id := range slices.Sorted(maps.Keys(w.concluded)) {
		notes = append(notes, fmt.Sprintf("run %d %s", id, w.concluded[id]))
	}
	return strings.Join(notes, ", "), err
}

// reportJob writes a period's workbook, and has it sent.
func (n *night) reportJob(ctx context.Context, j config.Job, at time.Time) (string, error) {
	window, err := config.PeriodOf(j.Period, at, n.settings.Zone)
	if err != nil {
		return "", err
	}
	scope := reconcile.Scope{ProjectID: j.Project, Window: window}
	var path string
	err = n.persist(ctx, "report", func() (err error) {
		path, err = reports.Save(n.settings.ReportDir, reports.PeriodFileName(scope, n.reportOptions(), "xlsx"), func(w io.Writer) error {
			return n.writeReport(ctx, w, "xlsx", scope)
		})
		return err
	})
	if err != nil {
		return path, err
	}
	return path, n.persist(ctx, "announcement", func() error {
		if err := n.announcePeriod(ctx, scope, j.Name, j.Recipients()); err != nil || j.Period != config.LastMonth {
			return err
		}
		return n.correctReported(ctx, j.Name, j.Project, j.Recipients(), window)
	})
}

// persist tries again while another run holds the project, or the database is away: a due time is no less due then.
func (n *night) persist(ctx context.Context, what string, try func() error) error {
	began, told := time.Now(), false
	for {
		err := try()
		wait := patienceFor(err)
		if wait == 0 {
			return err
		}
		if waited := time.Since(began); waited > patienceOfJob {
			return fmt.Errorf("given up after %s: %w", waited.Round(time.Second), err)
		}
		if !told {
			n.log.Warn(what+" must wait", "at_most", patienceOfJob, "why", err)
			told = true
		}
		if !pause(ctx, wait) {
			return err
		}
	}
}

// patienceFor is how long to wait before the next try; 0 where another try would be of no use.
func patienceFor(err error) time.Duration {
	var held *reconcile.HeldError
	switch {
	case errors.As(err, &held), errors.Is(err, reconcile.ErrRunLost), errors.Is(err, reconcile.ErrRunClosed):
		return busyPause // a run is another process's, which will end it
	case errors.Is(err, sql.ErrUnavailable), errors.Is(err, sql.ErrLocked):
		return lostPause
	}
	return 0
}
