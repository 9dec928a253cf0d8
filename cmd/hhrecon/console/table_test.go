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

// output returns the text that a function prints to a pipe.
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

// TestTableWidth checks that a column with Wrap becomes narrower first, and that columns are then omitted in the order
// of Drop.
func TestTableWidth(t *testing.T) {
	for columns, omitted := range map[int]string{0: "", 200: "", 80: "", 60: "", 50: "the column Selected",
		40: "Selected, Judged"} {
		t.Setenv("COLUMNS", fmt.Sprint(columns))
		text := output(t, draw)
		if columns > 0 && widest(text) > columns {
			t.Errorf("%d columns: the table has %d\n%s", columns, widest(text), text)
		}
		if strings.Contains(text, "too narrow") != (omitted != "") || !strings.Contains(text, omitted) {
			t.Errorf("%d columns: want %q omitted\n%s", columns, omitted, text)
		}
		if strings.Contains(text, " \n") {
			t.Errorf("%d columns: lines end with spaces\n%s", columns, text)
		}
		if columns == 0 && !strings.Contains(text, strings.Repeat(" HighHelp knows none of the payins.", 4)) {
			t.Errorf("the note is wrapped without a limit\n%s", text)
		}
	}
}

// TestTerminal checks that a table fits the terminal, or 80 columns if the width is unknown, and that states have
// colours.
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

// pty opens a pseudoterminal. A test reads from screen the text that the program writes to terminal.
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

// read returns the terminal's output so far.
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

// TestDurations checks that durations are text in JSON logs.
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
	if got := Counted(2, "entry"); got != "2 entries" {
		t.Error(got)
	}
}
