package reports

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"hhrecon/reconcile"
)

// RecoverPanic turns a panic into an error that names the report and the line of code that failed. Call it with defer.
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
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)]) // skips the frame of runtime.Callers
	frame, more := frames.Next()
	for more && !strings.HasPrefix(frame.Function, "hhrecon/") {
		frame, more = frames.Next()
	}
	*err = fmt.Errorf("the %s of %s cannot be written because of a bug in hhrecon: %v (%s, line %d)",
		kind, about, cause, filepath.Base(frame.File), frame.Line)
}
