// Package console writes log lines and progress to standard error, and tables to standard output. Call New, and pass
// its Logger and Progress to the run.
package console

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/lmittmann/tint"

	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/reports/i18n"
)

// Console writes to standard error. Console writes coloured lines and a progress bar to a terminal,
// and JSON lines otherwise.
type Console struct {
	out      io.Writer
	terminal bool

	mu     sync.Mutex
	bar    progress.Writer // nil if no bar is shown
	tracks map[string]*progress.Tracker
}

// New returns a console that writes to out.
func New(out io.Writer) *Console {
	return &Console{out: out, terminal: terminal(out) != nil}
}

// Logger returns a logger that writes lines of at least the given level to the console.
func (c *Console) Logger(level string) *slog.Logger {
	var minimum slog.Level
	_ = minimum.UnmarshalText([]byte(level)) // the command line accepts only valid levels
	if c.terminal {
		o := tint.Options{Level: minimum, TimeFormat: time.TimeOnly, ReplaceAttr: asText,
			NoColor: os.Getenv("NO_COLOR") != ""}
		return slog.New(tint.NewTextHandler(c, &o))
	}
	return slog.New(slog.NewJSONHandler(c, &slog.HandlerOptions{Level: minimum, ReplaceAttr: asText}))
}

// asText converts a reason to an English sentence, and a duration to text such as "1m30s".
func asText(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	if reason, ok := a.Value.Any().(reconcile.Reason); ok {
		a.Value = slog.StringValue(i18n.English().Sentence(reason))
	}
	return a
}

// Write prints a log line, above the progress bar if one is shown.
func (c *Console) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil {
		c.bar.Log("%s", strings.TrimRight(string(line), "\n"))
		return len(line), nil
	}
	return c.out.Write(line)
}

// Progress shows a progress bar for each stage of a run, if the console is a terminal. Otherwise Progress does nothing,
// because the run writes log lines.
func (c *Console) Progress(p run.Progress) {
	if !c.terminal {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar == nil {
		c.tracks = make(map[string]*progress.Tracker)
		c.bar = progress.NewWriter()
		c.bar.SetOutputWriter(c.out)
		c.bar.SetUpdateFrequency(200 * time.Millisecond)
		c.bar.SetTrackerLength(40)
		c.bar.SetStyle(progress.StyleBlocks)
		c.bar.Style().Visibility.ETA = true
		c.bar.Style().Visibility.Speed = true
		go c.bar.Render()
	}
	name := fmt.Sprintf("%s, run %d", stageNames[p.Stage], p.Run.ID)
	track := c.tracks[name]
	if track == nil {
		track = &progress.Tracker{Message: name, Total: p.Total}
		c.tracks[name] = track
		c.bar.AppendTracker(track)
	}
	track.SetValue(p.Done)
}

var stageNames = map[string]string{
	"ask": "asking HighHelp", "settle": "writing findings", "release": "releasing",
	"discard": "discarding", "undo": "undoing",
	"undo_decision": "undoing decisions", "propose": "proposing",
}

// EndProgress removes the progress bar. Call it before results are printed.
func (c *Console) EndProgress() {
	c.mu.Lock()
	bar, tracks := c.bar, c.tracks
	c.bar, c.tracks = nil, nil
	c.mu.Unlock()
	if bar == nil {
		return
	}
	for _, track := range tracks {
		track.MarkAsDone()
	}
	bar.Stop()
	for bar.IsRenderInProgress() {
		time.Sleep(10 * time.Millisecond)
	}
}
