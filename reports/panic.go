package reports

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"hhrecon/reconcile"
)

// caught turns a panic of a report into an error that names the report, what it is about, and the line of ours that
// failed. It is deferred.
func RecoverPanic(kind string, s reconcile.ReportScope, err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	about := fmt.Sprintf("run %d", s.RunID)
	if s.RunID == 0 {
		about = fmt.Sprintf("the runs from %s to %s", s.Window.From.Format("2006-01-02"), s.Window.To.Format("2006-01-02"))
	}
	callers := make([]uintptr, 50)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)]) // without this function's own
	frame, more := frames.Next()
	for more && !strings.HasPrefix(frame.Function, "hhrecon/") {
		frame, more = frames.Next()
	}
	*err = fmt.Errorf("the %s of %s cannot be made, by a fault of hhrecon itself: %v (%s, line %d)",
		kind, about, cause, filepath.Base(frame.File), frame.Line)
}
