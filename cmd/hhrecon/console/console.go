// Package console writes to standard error: call New, and give its Logger and Progress to what works.
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

// Console is standard error: coloured lines and a progress bar on a terminal, JSON lines otherwise.
type Console struct {
	out      io.Writer
	terminal bool

	mu     sync.Mutex
	bar    progress.Writer // nil while none is drawn
	tracks map[string]*progress.Tracker
}

// New makes a console of what it writes to.
func New(out io.Writer) *Console {
	return &Console{out: out, terminal: terminal(out) != nil}
}

// Logger writes to the console: one line a unit of work.
func (c *Console) Logger(level string) *slog.Logger {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level)) // the grammar lets only levels through
	if c.terminal {
		o := tint.Options{Level: least, TimeFormat: time.TimeOnly, ReplaceAttr: asText, NoColor: os.Getenv("NO_COLOR") != ""}
		return slog.New(tint.NewTextHandler(c, &o))
	}
	return slog.New(slog.NewJSONHandler(c, &slog.HandlerOptions{Level: least, ReplaceAttr: asText}))
}

// asText writes a reason as an English sentence and a duration as text: "1m30s".
func asText(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	if reason, ok := a.Value.Any().(reconcile.Reason); ok {
		a.Value = slog.StringValue(i18n.English().Sentence(reason))
	}
	return a
}

// Write lets a line through above the bar, where one is drawn.
func (c *Console) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil {
		c.bar.Log("%s", strings.TrimRight(string(line), "\n"))
		return len(line), nil
	}
	return c.out.Write(line)
}

// Progress draws how far a run is, a line a stage, if the console is a terminal; otherwise the run's log lines say it.
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
	"ask": "asking HighHelp", "settle": "writing findings", "release": "releasing", "undo": "putting back",
}

// EndProgress takes the bar away before results are printed.
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
