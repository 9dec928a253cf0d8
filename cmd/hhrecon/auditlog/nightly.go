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
	"hhrecon/cmd/hhrecon/webhook"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// The pace of verifying: a service that is just started has other things to do.
const (
	firstAfter = 15 * time.Minute
	every      = 24 * time.Hour
)

// Verifier verifies all audit logs once a day, and exports what it found. Several processes do no harm to each other.
type Verifier struct {
	Store    *sql.Store
	Settings func() *config.Settings
	Log      *slog.Logger
	Notify   func(context.Context, webhook.Event) // of a log that is broken

	at, holds *prometheus.GaugeVec
}

// Register makes the gauges.
func (n *Verifier) Register(r prometheus.Registerer) *Verifier {
	n.at = promauto.With(r).NewGaugeVec(prometheus.GaugeOpts{
		Name: "hhrecon_audit_log_verified_timestamp_seconds", Help: "When this process last verified the audit log.",
	}, []string{"project"})
	n.holds = promauto.With(r).NewGaugeVec(prometheus.GaugeOpts{
		Name: "hhrecon_audit_log_holds",
		Help: "1 if the audit log held when this process last verified it, 0 if it is broken.",
	}, []string{"project"})
	return n
}

// Run verifies until the context ends.
func (n *Verifier) Run(ctx context.Context) error {
	for wait := firstAfter; ; wait = every {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
			if err := n.VerifyAll(ctx); err != nil && ctx.Err() == nil {
				n.Log.Error("the audit logs are not verified; tried again in a day", "error", err)
			}
		}
	}
}

// VerifyAll verifies all audit logs. An error says that one could not be read.
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
			n.Log.Info("the audit log holds", "project", cmp.Or(id, noProject),
				"audit_head", reconcile.Head{Entries: v.Entries, Hash: v.Head}.String())
			continue
		}
		n.holds.WithLabelValues(label).Set(0)
		n.Log.Error("the audit log is broken", "project", id, "entries", v.Entries, "break", v.Break)
		n.Notify(ctx, webhook.Event{Event: webhook.LogBroken, Project: id, Note: v.Break})
	}
	return nil
}

// MayPrune tells whether the database user can delete entries, and logs if it cannot.
func MayPrune(ctx context.Context, store *sql.Store, log *slog.Logger) bool {
	r, err := store.Rights(ctx)
	if err == nil && !r.Prune {
		log.Info("serve does not prune: the database user has no right to delete findings; run hhrecon prune as the " +
			"owner of the tables")
	}
	return r.Prune
}

// Prune deletes old events about no project, if the database user can.
func Prune(ctx context.Context, store *sql.Store, before time.Time) error {
	if r, err := store.Rights(ctx); err != nil || !r.Prune {
		return err
	}
	r := reconcile.Retention{Before: before, Setting: "the longest retention", Now: time.Now()}
	_, err := store.Prune(ctx, r)
	return err
}

// Warning says what is wrong with the rights of the database user; "" for nothing.
func Warning(ctx context.Context, store *sql.Store) string {
	switch r, err := store.Rights(ctx); {
	case err != nil:
		return err.Error()
	case r.Owner:
		return "it owns hhrecon's tables or is a superuser, and can change the audit log; hhrecon migrate --grants " +
			"prints the SQL that makes two users"
	}
	return ""
}
