package console

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// draw prints a table of runs.
func draw(out *os.File) {
	w := NewTable(out, Column{Name: "Run", Number: true}, Column{Name: "State"},
		Column{Name: "Selected", Number: true, Drop: 2},
		Column{Name: "Judged", Number: true, Drop: 1}, Column{Name: "Note", Wrap: true})
	w.Add(1, "COMPLETE", 1204, 1204, "")
	w.Add(12, "FAILED", 9, 9, strings.Repeat("HighHelp knows none of the payins. ", 4))
	w.Render()
}

// output is what a function prints to a pipe, with environment variables for it.
func output(t *testing.T, table func(*os.File)) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	table(w)
	w.Close()
	var text strings.Builder
	if _, err := r.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func widest(text string) (widest int) {
	for line := range strings.Lines(text) {
		widest = max(widest, utf8.RuneCountInString(strings.TrimRight(line, "\r\n")))
	}
	return widest
}

// TestTableWidth: a column that wraps becomes narrower first, then columns are left out in their order.
func TestTableWidth(t *testing.T) {
	for columns, left := range map[int]string{0: "", 200: "", 80: "", 60: "", 50: "Selected", 40: "Judged"} {
		t.Setenv("COLUMNS", fmt.Sprint(columns))
		text := output(t, draw)
		if columns > 0 && widest(text) > columns {
			t.Errorf("%d columns: the table has %d\n%s", columns, widest(text), text)
		}
		if strings.Contains(text, "too narrow") != (left != "") || !strings.Contains(text, left) {
			t.Errorf("%d columns: want %q left out\n%s", columns, left, text)
		}
		if columns == 0 && !strings.Contains(text, strings.Repeat("HighHelp knows none of the payins. ", 4)) {
			t.Errorf("the note is wrapped without a limit\n%s", text)
		}
	}
}

// TestTerminal: at a terminal a table is as wide as that, 80 columns if its width is unknown, and states have colours
// unless NO_COLOR is set.
func TestTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("FORCE_COLOR", "")
	for columns, limit := range map[int]int{60: 60, 0: 80} {
		terminal, screen := pty(t, columns)
		draw(terminal)
		fmt.Fprintln(terminal, Paint(terminal, "FAIL"), Paint(&Buffer{Out: terminal}, "COMPLETE"), Paint(terminal, "other"))
		text := read(t, screen)
		if !strings.Contains(text, "\x1b[32mCOMPLETE\x1b[0m") || !strings.Contains(text, "\x1b[31mFAIL\x1b[0m") {
			t.Errorf("no colours: %q", text)
		}
		for _, code := range []string{"\x1b[32m", "\x1b[31m", "\x1b[0m"} {
			text = strings.ReplaceAll(text, code, "")
		}
		if got := widest(text); got > limit || got < limit-10 {
			t.Errorf("a terminal of %d columns: the table has %d\n%s", columns, got, text)
		}
	}
}

// pty opens a terminal, and what shows its output.
func pty(t *testing.T, columns int) (terminal, screen *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this machine has no terminals: ", err)
	}
	t.Cleanup(func() { screen.Close() })
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err == nil {
		t.Cleanup(func() { terminal.Close() })
		err = unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)})
	}
	if err != nil {
		t.Fatal(err)
	}
	return terminal, screen
}

// read is what a terminal shows by now.
func read(t *testing.T, screen *os.File) string {
	t.Helper()
	time.Sleep(50 * time.Millisecond)
	text := make([]byte, 1<<16)
	n, err := screen.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(text[:n])
}

// TestDurations: a duration is text in a log of JSON.
func TestDurations(t *testing.T) {
	var out strings.Builder
	New(&out).Logger("info").Info("done", "took", 90*time.Second)
	if !strings.Contains(out.String(), `"took":"1m30s"`) {
		t.Error(out.String())
	}
}

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 payins", 1: "1 payin", 2: "2 payins"} {
		if got := Counted(n, "payin"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
