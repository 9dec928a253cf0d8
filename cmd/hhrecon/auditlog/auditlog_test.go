package auditlog_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/webhook"
	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// TestUsersAreRecorded checks that adding and removing users is recorded with the actor. A removal that fails is not
// recorded.
func TestUsersAreRecorded(t *testing.T) {
	url := sqltest.SQLiteURL(t)
	store, db := sqltest.Open(t, url), sqltest.DB(t, url)
	aida := reconcile.User{Name: "Aida", Role: reconcile.RoleAdmin}
	bek := reconcile.Person{Name: "Bek", Via: reconcile.ViaToken}
	err := errors.Join(auditlog.AddUser(t.Context(), store, bek, aida, "a good long password"),
		auditlog.DropUser(t.Context(), store, bek, "Aida"))
	if again := auditlog.DropUser(t.Context(), store, bek, "Aida"); err != nil || !errors.Is(again, reconcile.ErrNoUser) {
		t.Errorf("%v, %v", err, again)
	}
	var events []string
	if err := db.Select(&events, "select kind || facts from hhrecon_action where who = 'Bek'"); err != nil {
		t.Fatal(err)
	}
	want := []string{`user_add{"role":"admin","user":"Aida","via":"token"}`, `user_remove{"user":"Aida","via":"token"}`}
	if !slices.Equal(events, want) {
		t.Errorf("events %q", events)
	}
	var out bytes.Buffer
	err = auditlog.Verify(t.Context(), store, &config.Settings{}, "", "", &out)
	if err != nil || !strings.HasPrefix(out.String(), "ok      sign-ins and users: 2 entries verified") {
		t.Errorf("%s%v", &out, err)
	}
}

const project = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

// wantIntact fails the test if the metric hhrecon_audit_log_holds does not have the wanted values.
func wantIntact(t *testing.T, registry *prometheus.Registry, want ...string) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range families[0].GetMetric() {
		all = append(all, fmt.Sprint(m.GetLabel()[0].GetValue(), " ", m.GetGauge().GetValue()))
	}
	if name := families[0].GetName(); name != "hhrecon_audit_log_holds" || !slices.Equal(all, want) {
		t.Errorf("%s of %q, want %q", name, all, want)
	}
}

// TestBrokenLogIsReported checks that the service reports a broken audit log to its log, to the webhook and in a
// metric, and that Verify also reports it.
func TestBrokenLogIsReported(t *testing.T) {
	url := sqltest.SQLiteURL(t)
	store, db := sqltest.Open(t, url), sqltest.DB(t, url)
	for _, id := range []string{project, project, ""} {
		if err := store.RecordEvent(t.Context(), reconcile.Event{ProjectID: id, Kind: reconcile.ActionDownload}); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	var notes []string
	settings := &config.Settings{}
	n := &auditlog.Verifier{
		Store: store, Settings: func() *config.Settings { return settings },
		Log:    slog.New(slog.NewTextHandler(&log, nil)),
		Notify: func(_ context.Context, e webhook.Event) { notes = append(notes, e.Event+" "+e.Project+" "+e.Note) },
	}
	registry := prometheus.NewRegistry()
	n.Register(registry)
	once := func(value string) {
		t.Helper()
		if err := n.VerifyAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantIntact(t, registry, project+value, "none 1")
	}
	verify := func(id, head string) (string, error) {
		var out bytes.Buffer
		err := auditlog.Verify(t.Context(), store, settings, id, head, &out)
		return out.String(), err
	}
	once(" 1")
	text, err := verify("", "")
	if err != nil || notes != nil || !strings.Contains(text, "2 entries verified") ||
		!strings.Contains(text, "sign-ins and users") {
		t.Errorf("%s%v, %q", text, err, notes)
	}
	_, head, _ := strings.Cut(text, "the head is ")
	head, _, _ = strings.Cut(head, "\n")
	const unchanged = "The entry of --head is unchanged."
	if text, err := verify(project, head); err != nil || !strings.Contains(text, unchanged) {
		t.Errorf("with the head %s: %s%v", head, text, err)
	}
	for _, wrong := range []string{"2", "x:" + strings.Repeat("0", 64), "2:ab", "0:" + strings.Repeat("0", 64)} {
		if _, err := verify(project, wrong); err == nil || !strings.Contains(err.Error(), "is not a head of an audit log") {
			t.Errorf("the head %s: %v", wrong, err)
		}
	}

	db.MustExec("drop trigger hhrecon_action_unchanged")
	db.MustExec("update hhrecon_action set who = 'Aida' where project_id <> '' and chain_seq = 2")
	once(" 0")
	const broken = "entry 2 was changed"
	notice := "audit_log_broken " + project + " " + broken
	if len(notes) != 1 || !strings.HasPrefix(notes[0], notice) || !strings.Contains(log.String(), broken) {
		t.Errorf("notes %q, log %s", notes, &log)
	}
	if text, err := verify("", ""); err == nil || !strings.Contains(text, broken) {
		t.Errorf("%s%v", text, err)
	}
}

// TestHeads checks that Verify reports a missing log if a head was saved. Verify cannot prove a head if the
// head's entry was pruned.
func TestHeads(t *testing.T) {
	url := sqltest.SQLiteURL(t)
	store, db := sqltest.Open(t, url), sqltest.DB(t, url)
	verify := func(id, head, want string) error {
		t.Helper()
		var out bytes.Buffer
		err := auditlog.Verify(t.Context(), store, &config.Settings{Zone: time.UTC}, id, head, &out)
		if text := out.String() + fmt.Sprint(err); !strings.Contains(text, want) {
			t.Errorf("--project %s --head %s: %s, want %s", id, head, text, want)
		}
		return err
	}
	heads := map[string]string{}
	for _, id := range []string{"", project, "another"} {
		e := reconcile.Event{ProjectID: id, Kind: reconcile.ActionDownload, At: time.Now().AddDate(-1, 0, 0)}
		for range 2 {
			if err := store.RecordEvent(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		v, err := store.Verify(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		heads[id] = reconcile.Head{Entries: v.Entries, Hash: v.Head}.String()
	}
	var log bytes.Buffer
	n := &auditlog.Verifier{
		Store: store, Settings: func() *config.Settings { return &config.Settings{} },
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	if err := n.Register(prometheus.NewRegistry()).VerifyAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, head := range heads {
		if line := "project=" + cmp.Or(id, "none") + " audit_head=" + head; !strings.Contains(log.String(), line) {
			t.Errorf("the log has no %s:\n%s", line, &log)
		}
		id = cmp.Or(id, "none")
		if err := verify(strings.ToUpper(id), head, "The entry of --head is unchanged."); err != nil {
			t.Error(err)
		}
	}

	pruned := heads[""]
	old := reconcile.Event{Kind: reconcile.ActionDownload, At: time.Now().AddDate(-1, 0, 0)}
	if err := store.RecordEvent(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	r := reconcile.Retention{Before: time.Now().AddDate(0, -1, 0), Setting: "30d", Now: time.Now()}
	if _, err := store.Prune(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := verify("none", pruned, "cannot verify"); !errors.Is(err, auditlog.ErrNotProved) {
		t.Error(err)
	}
	var usage *config.UsageError
	for i, id := range []string{"", "another", project} {
		db.MustExec("drop trigger if exists hhrecon_action_kept")
		db.MustExec("delete from hhrecon_action where project_id = ?", id)
		db.MustExec("delete from hhrecon_chain where project_id = ?", id)
		db.MustExec("drop trigger if exists hhrecon_anchor_stays")
		db.MustExec("delete from hhrecon_anchor where project_id = ?", id)
		err := verify(cmp.Or(id, "none"), heads[id], "the end of the log was deleted: the log ends with entry 0")
		if err == nil || errors.As(err, &usage) {
			t.Errorf("%s: %v", id, err)
		}
		if err := verify("", heads[id], ""); err == nil || i == 2 && errors.As(err, &usage) {
			t.Errorf("without --project: %v", err)
		}
	}
}
