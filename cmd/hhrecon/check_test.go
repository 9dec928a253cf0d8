package main

import (
	"bytes"
	"testing"
	"time"

	"hhrecon/cmd/hhrecon/service"
	"hhrecon/sql/merchant"
)

// TestSlowQueryIsAWarning checks that a query that takes longer than 2 s causes a warning and not a failure.
func TestSlowQueryIsAWarning(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	all := &checks{app: &app{Process: service.Process{Stdout: &out}}}
	all.queryTime(merchant.QueryTime{File: "open_payins.sql", Rows: 12, Took: 2 * time.Second}, "a")
	all.queryTime(merchant.QueryTime{File: "final_payins.sql", Rows: 3, Took: 2001 * time.Millisecond}, "a")
	const want = "ok    open_payins.sql of project a: rows 12, time 2s\n" +
		"WARN  final_payins.sql of project a: rows 3, time 2.001s: slower than 2s: " +
		"look at the query plan with EXPLAIN, and check whether an index is missing\n"
	if out.String() != want || all.failed != 0 {
		t.Errorf("%d checks failed:\n%s", all.failed, out.String())
	}
}
