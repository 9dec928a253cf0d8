package auditlog

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/webhook"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// These constants set the times of verifications. The first verification begins firstVerify after the
// start of the service.
const (
	firstVerify = 15 * time.Minute
	verifyEvery = 24 * time.Hour
)

// Verifier verifies all audit logs once a day and exports the results as metrics. Several processes may verify the
// logs concurrently.
type Verifier struct {
	Store    *sql.Store
	Settings func() *config.Settings
	Log      *slog.Logger
	Notify   func(context.Context, webhook.Event) // function that is called for each broken audit log

	at, holds *prometheus.GaugeVec
}

// Register creates the metrics of the verifier.
func (n *Verifier) Register(r prometheus.Registerer) *Verifier {
	n.at = promauto.With(r).NewGaugeVec(prometheus.GaugeOpts{
		Name: "hhrecon_audit_log_verified_timestamp_seconds", Help: "When this process last verified the audit log.",
	}, []string{"project"})
	n.holds = promauto.With(r).NewGaugeVec(prometheus.GaugeOpts{
		Name: "hhrecon_audit_log_holds",
		Help: "1 if the audit log was intact when this process last verified it, 0 if it is broken.",
	}, []string{"project"})
	return n
}

// Run verifies the audit logs until the context ends.
func (n *Verifier) Run(ctx context.Context) error {
	for wait := firstVerify; parallel.Pause(ctx, wait); wait = verifyEvery {
		if err := n.VerifyAll(ctx); err != nil && ctx.Err() == nil {
			n.Log.Error("cannot verify the audit logs; next attempt in a day", "error", err)
		}
	}
	return ctx.Err()
}

// VerifyAll verifies all audit logs once. VerifyAll returns an error only if a log cannot be read.
func (n *Verifier) VerifyAll(ctx context.Context) error {
	ids, err := n.Store.AuditLogProjects(ctx)
	if err != nil {
		return err
	}
	names := n.Settings().ProjectNames()
	for _, id := range append(ids, "") {
		v, err := n.Store.Verify(ctx, id)
		if err != nil {
			return fmt.Errorf("project %q: %w", id, err)
		}
		label := cmp.Or(names[id], id, noProject)
		n.at.WithLabelValues(label).SetToCurrentTime()
		if n.holds.WithLabelValues(label).Set(1); v.Break == "" {
			n.Log.Info("the audit log is intact", "project", cmp.Or(id, noProject),
				"audit_head", reconcile.Head{Entries: v.Entries, Hash: v.Head}.String())
			continue
		}
		n.holds.WithLabelValues(label).Set(0)
		n.Log.Error("the audit log is broken", "project", id, "entries", v.Entries, "break", v.Break)
		n.Notify(ctx, webhook.Event{Event: webhook.LogBroken, Project: id, Note: v.Break})
	}
	return nil
}

// MayPrune reports whether the database user may delete findings. If the user has no right to delete findings,
// MayPrune logs a message.
func MayPrune(ctx context.Context, store *sql.Store, log *slog.Logger) bool {
	r, err := store.Rights(ctx)
	if err == nil && !r.Prune {
		log.Info("\"hhrecon serve\" does not prune: the database user has no right to delete findings; run \"hhrecon " +
			"prune\" as the owner of the tables")
	}
	return r.Prune
}

// Prune deletes old events that belong to no project, if the database user has the right to do so.
func Prune(ctx context.Context, store *sql.Store, before time.Time) error {
	if r, err := store.Rights(ctx); err != nil || !r.Prune {
		return err
	}
	r := reconcile.Retention{Before: before, Setting: "the longest retention", Now: time.Now()}
	_, err := store.Prune(ctx, r)
	return err
}

// Warning describes a risk in the rights of the database user. Warning returns an error if rights are missing.
func Warning(ctx context.Context, store *sql.Store) (warning string, err error) {
	switch r, err := store.Rights(ctx); {
	case err != nil:
		return "", err
	case r.Missing != "":
		return "", fmt.Errorf("the user cannot use %s: run part 2 of the output of \"hhrecon migrate --grants\" as the "+
			"owner of the tables, or grants_runtime.sql if hhrecon init wrote it", r.Missing)
	case r.Owner:
		return "the user owns hhrecon's tables or is a superuser, so it can change the audit log; run \"hhrecon " +
			"migrate --grants\" to print the SQL that creates two users", nil
	}
	return "", nil
}
