package web

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"hhrecon/reconcile"
)

// TestIncompleteForm checks that a form that is incomplete or not text starts nothing.
func TestIncompleteForm(t *testing.T) {
	tp := newTestPage(t)
	tp.launch = func(RunRequest) (int64, error) { return 1, nil }
	p := tp.as(reconcile.RoleFinance)
	whole := "dry_run=1&project=" + projectID
	for name, body := range map[string]string{
		"too long":          whole + "&from=" + strings.Repeat("x", maxForm),
		"broken escape":     "project=" + projectID + "&dry_run=%zz",
		"zero byte":         whole + "&from=%00",
		"not UTF-8":         whole + "&from=%ff",
		"without a project": "dry_run=1",
	} {
		r := p.request(http.MethodPost, "/launch", nil)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		if a := p.do(r); a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, a.status)
		}
	}
	if len(tp.launched) > 0 {
		t.Errorf("runs were started: %+v", tp.launched)
	}
	p.get("/search?q=%00").wants(http.StatusBadRequest)
	tp.newBrowser().get("/signin?next=%ff").wants(http.StatusBadRequest)
}
