package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/docs"
	"hhrecon/cmd/hhrecon/exit"
)

// helpCmd is the command `hhrecon help`.
type helpCmd struct {
	About []string `arg:"" optional:"" name:"topic" help:"A page of the manual, or a command."`
}

// Run prints a page of the manual or the usage of a command. Without an argument, Run lists the commands and the pages.
func (c *helpCmd) Run(ctx context.Context, k *kong.Kong, a *app) error {
	topic := strings.Join(c.About, " ")
	names := docs.Topics()
	for _, node := range k.Model.Children {
		names = append(names, node.Name)
	}
	page, found := docs.Page(topic)
	switch {
	case found:
		fmt.Fprint(a.Stdout, docs.Plain(page))
		return nil
	case topic == "":
		page, _ = docs.Page("index")
		defer fmt.Fprint(a.Stdout, "\n", docs.Plain(page))
	case !slices.Contains(names, c.About[0]):
		return config.UsageErrorf("there is no topic or command %q%s\nrun \"hhrecon help\" to list all topics and "+
			"commands", topic,
			docs.Nearest(topic, names))
	}
	return exit.With(run(ctx, append(strings.Fields(topic), "--help"), a.getenv, a.Stdout, a.stderr), nil)
}
