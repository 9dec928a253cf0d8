// Package usage implements the help of the command line. Print prints the help of a command, Words completes a command
// line, and VersionOf returns the version of a build.
package usage

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/exit"
)

// meanings describes the exit statuses. The page "exit-codes" of the manual has the details.
var meanings = []string{
	exit.OK:        "success",
	exit.Failed:    "an error occurred; completed work is stored",
	exit.Usage:     "wrong command line or settings; nothing was done",
	exit.Untrusted: "finished, but the result is incomplete",
	exit.Busy:      "another run is working on the project",
	exit.Held:      "corrections or a proposal need a person's decision",
}

// examples has a line for each command with its possible exit statuses and an example.
//
//go:embed examples.txt
var examples string

// Of returns a command's possible exit statuses, as digits, and an example. An example of a path is "user add".
func Of(path string) (statuses, example string) {
	for line := range strings.Lines(examples) {
		statuses, example, _ = strings.Cut(strings.TrimSpace(line), " ")
		if example = strings.TrimSpace(example); strings.Contains(example+" ", "hhrecon "+path+" ") {
			return statuses, example
		}
	}
	return "", ""
}

// Print prints a command's usage with its examples and exit statuses.
func Print(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	leaves := []*kong.Node{Child(ctx.Model.Node, "demo"), Child(ctx.Model.Node, "run")}
	if selected := ctx.Selected(); selected != nil {
		if leaves = selected.Leaves(true); selected.Leaf() {
			leaves = []*kong.Node{selected}
		}
	}
	fmt.Fprintln(ctx.Stdout, "\nExamples:")
	possible := ""
	for _, leaf := range leaves {
		if statuses, example := Of(leaf.Path()); example != "" {
			fmt.Fprintln(ctx.Stdout, "  "+example)
			possible += statuses
		}
	}
	fmt.Fprintln(ctx.Stdout, "\nExit status (see \"hhrecon help exit-codes\"):")
	for code, meaning := range meanings {
		if strings.Contains(possible, fmt.Sprint(code)) {
			fmt.Fprintf(ctx.Stdout, "  %d  %s\n", code, meaning)
		}
	}
	return nil
}

// CommandOf returns the command whose help is relevant after an error in a command line.
func CommandOf(err error) string {
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context.Selected() != nil {
		return parse.Context.Selected().FullPath()
	}
	return "hhrecon"
}

// Child returns the subcommand with a name, or nil if there is no such subcommand.
func Child(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name && !child.Hidden {
			return child
		}
	}
	return nil
}
