package console

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// AskPassword asks for a password twice on a terminal, and reads one line otherwise.
func (c *Console) AskPassword() (string, error) {
	if file := os.Stdin; term.IsTerminal(int(file.Fd())) {
		return c.askTwice(int(file.Fd()))
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (c *Console) askTwice(terminal int) (string, error) {
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Repeat the password: "} {
		fmt.Fprint(c.out, prompt)
		text, err := term.ReadPassword(terminal)
		fmt.Fprintln(c.out)
		if err != nil {
			return "", err
		}
		typed[i] = string(text)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the passwords differ: enter the same password twice")
	}
	return typed[0], nil
}
