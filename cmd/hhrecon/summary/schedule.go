package summary

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
)

// shownOccurrences is the number of future scheduled times that are listed for each job.
const shownOccurrences = 5

// Schedule is one job, as printed and as JSON.
type Schedule struct {
	Job     string          `json:"job"`
	Do      string          `json:"do"`
	Period  string          `json:"period,omitempty"`
	Project string          `json:"project,omitempty"` // "" means all projects
	Cron    string          `json:"cron"`
	Zone    string          `json:"zone"`
	Email   []string        `json:"email"`
	Last    *lastOccurrence `json:"last"` // null means that no scheduled time has passed yet
	Next    []time.Time     `json:"next"`
}

type lastOccurrence struct {
	DueAt time.Time `json:"due_at"`
	State string    `json:"state"`
	Note  string    `json:"note"`
}

// ListSchedules returns the last scheduled time of each job with the result, and the next scheduled times of the job.
func ListSchedules(ctx context.Context, jobs []config.Job, t reconcile.ScheduleStore,
	now time.Time) ([]Schedule, error) {
	entries := make([]Schedule, len(jobs))
	for i, j := range jobs {
		var err error
		if entries[i], err = scheduleOf(ctx, j, t, now); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// scheduleOf returns the schedule of one job.
func scheduleOf(ctx context.Context, j config.Job, t reconcile.ScheduleStore, now time.Time) (Schedule, error) {
	r := Schedule{Job: j.Name, Do: j.Do, Period: j.Period, Project: j.Project, Cron: j.Cron, Zone: j.Zone.String(),
		Email: reconcile.Map(j.Email, func(e config.EmailEntry) string { return e.Address })}
	last, known, err := t.LastOccurrence(ctx, j.Name)
	if err != nil {
		return r, fmt.Errorf("last scheduled time of %q: %w", j.Name, err)
	}
	if known {
		r.Last = &lastOccurrence{last.At.In(j.Zone), string(last.State), last.Note}
		if last.State == reconcile.OccurrenceClaimed {
			r.Last.Note = fmt.Sprintf("process %d on %s executes it", last.Owner.PID, last.Owner.Host)
		}
	}
	for at := j.Next(now); !at.IsZero() && len(r.Next) < shownOccurrences; at = j.Next(at) {
		r.Next = append(r.Next, at.In(j.Zone))
	}
	return r, nil
}

// WriteSchedules prints the schedules as a table, with projects by name.
func WriteSchedules(out io.Writer, results []Schedule, projects map[string]string) {
	w := console.NewTable(out, console.Column{Name: "Job", Wrap: true}, console.Column{Name: "Time"},
		console.Column{Name: "Result", Wrap: true})
	const layout = "Mon 2006-01-02 15:04 -07:00"
	for _, r := range results {
		about := r.Do
		if r.Period != "" {
			about += " of " + strings.Replace(r.Period, "-", " ", 1)
		}
		for _, more := range []string{cmp.Or(projects[r.Project], r.Project), strings.Join(r.Email, ", ")} {
			if more != "" {
				about += ", " + more
			}
		}
		w.Add(r.Job, r.Cron+", "+r.Zone, about)
		if r.Last == nil {
			w.Add("", "not run yet", "\"hhrecon serve\" runs the jobs")
		} else {
			w.Add("", r.Last.DueAt.Format(layout), strings.TrimSuffix(r.Last.State+": "+r.Last.Note, ": "))
		}
		for _, at := range r.Next {
			w.Add("", at.Format(layout), "")
		}
		w.Separate()
	}
	w.Render()
}
