package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// CanAsk reports whether a person can answer questions, because standard input is a terminal.
func CanAsk() bool { return term.IsTerminal(int(os.Stdin.Fd())) }

// Ask prints a prompt and returns the line that a person types on the terminal, without surrounding white space.
func (c *Console) Ask(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(c.out, prompt)
	answer := make(chan error, 1)
	var line string
	go func() { // a signal must also end the command while it waits for a line
		var err error
		line, err = bufio.NewReader(os.Stdin).ReadString('\n')
		answer <- err
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case err := <-answer:
		if errors.Is(err, io.EOF) {
			err = errors.New("the input ended before all questions were answered: repeat the command")
		}
		return strings.TrimSpace(line), err
	}
}
