package db

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// inner and outer contain all kinds of fields: nested fields, embedded fields, tagged fields, and two fields with the
// same name.
type inner struct {
	ID   int64
	Note string
}

type outer struct {
	inner
	ID      int64
	Window  reconcile.Window
	Causes  reconcile.Causes
	ByTag   string `db:"other"`
	Outcome reconcile.Outcome
}

func TestRowsAreReadByName(t *testing.T) {
	t.Parallel()
	s, err := Open("sqlite:"+filepath.Join(t.TempDir(), "rows"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read := func(dest any, text string) error {
		t.Helper()
		st, err := Parse("rows.sql", text, SQLite)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.TypeOf(dest).Elem().Kind() == reflect.Slice {
			return s.List(t.Context(), s.Conn, dest, st, nil)
		}
		return s.Get(t.Context(), s.Conn, dest, st, nil)
	}
	at := time.Date(2026, 11, 1, 2, 3, 4, 5000, time.UTC)

	var rows []outer
	err = read(&rows, `select 7 as id, 'n' as note, '2026-11-01T02:03:04.000005Z' as window_from, null as window_to,
		'appeal' as causes, 'x' as other, 'confirmed' as outcome union all select 8, '', null, null, '', '', ''`)
	want := []outer{
		{inner{0, "n"}, 7, reconcile.Window{From: at}, reconcile.CauseAppeal, "x", reconcile.Confirmed}, {ID: 8},
	}
	if err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("%+v, %v\nwant %+v", rows, err, want)
	}
	var one time.Time
	if err := read(&one, "select '2026-11-01T02:03:04.000005Z' union all select null"); err != nil || !one.Equal(at) {
		t.Error(one, err)
	}
	kept := outer{ByTag: "kept"}
	if err := read(&kept, "select 9 as id"); err != nil || kept != (outer{ID: 9, ByTag: "kept"}) {
		t.Errorf("%+v, %v", kept, err)
	}
	for text, fault := range map[string]string{
		"select 1 as missing":          "rows.sql: column missing has no field in db.outer",
		"select 1 as id where 1 = 0":   "no rows in result set",
		"select 'nonsense' as causes":  "nonsense",
		"select 'late' as window_from": "late",
	} {
		if err := read(&kept, text); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSnakeCase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"RunID": "run_id", "ID": "id", "PID": "pid", "SettledAmount": "settled_amount", "HTTPStatus": "http_status",
	} {
		if got := snakeCase(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
