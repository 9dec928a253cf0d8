// Package usage is what the command line says about itself: Print is the help of every command, Words completes a
// command line, VersionOf names a build.
package usage

import (
	"errors"
	"fmt"

	"github.com/alecthomas/kong"
)

// Usage is what --help adds to the grammar of a command: an example, and the exit statuses other than 0, 1 and 2.
type Usage struct {
	Example  string
	Statuses []int
}

// Of has the usage of each command by its path: "user add".
var Of = map[string]Usage{
	"demo":         {Example: "hhrecon demo --payins 1000 --serve"},
	"migrate":      {Example: "hhrecon migrate --grants --user recon"},
	"check":        {Example: "hhrecon check --schedules /etc/hhrecon/schedules.yaml"},
	"probe keys":   {Example: "hhrecon probe keys"},
	"probe alert":  {Example: "hhrecon probe alert alert.http"},
	"user add":     {Example: "hhrecon user add Aida --role finance"},
	"user list":    {Example: "hhrecon user list"},
	"user remove":  {Example: "hhrecon user remove Aida"},
	"user token":   {Example: "hhrecon user token Aida --expires 12h"},
	"adopt":        {Example: "hhrecon adopt --as copy --note 'staging'"},
	"run":          {"hhrecon run --from 2026-11-01 --to 2026-11-08 --dry-run", []int{3, 4, 5}},
	"serve":        {Example: "hhrecon serve --listen 127.0.0.1:8080"},
	"worker":       {Example: "hhrecon worker --workers 2"},
	"report":       {Example: "hhrecon report --from 2026-11-01 --to 2026-12-01 --out november.xlsx"},
	"deliver":      {Example: "hhrecon deliver 7 --to accounting@merchant.example"},
	"runs":         {Example: "hhrecon runs --last 5"},
	"show":         {Example: "hhrecon show 7 --payment-id KG-20261122-000123"},
	"schedules":    {Example: "hhrecon schedules"},
	"verify":       {"hhrecon verify", []int{3}},
	"replay":       {Example: "hhrecon replay 7"},
	"decide":       {"hhrecon decide --from night.xlsx --by Aida", []int{3, 4, 5}},
	"approve":      {"hhrecon approve 8123", []int{3, 4, 5}},
	"release":      {"hhrecon release 8 --by Aida", []int{3, 4, 5}},
	"discard":      {"hhrecon discard 8 --class declines --by Aida", []int{4}},
	"undo":         {"hhrecon undo 7 --dry-run", []int{3, 4, 5}},
	"abandon":      {"hhrecon abandon 7 --by Aida --note 'its machine is gone'", []int{4}},
	"support list": {Example: "hhrecon support list --format text"},
	"support mark": {Example: "hhrecon support mark sent --all new --by Aida"},
	"prune":        {Example: "hhrecon prune --dry-run"},
	"erase":        {"hhrecon erase --payment-id KG-20261122-000123 --note 'request 44'", []int{3, 4}},
	"sandbox":      {Example: "hhrecon sandbox --payins 10000 --rows rows.csv"},
	"payin info":   {Example: "hhrecon payin info KG-20261122-000123"},
	"payin create": {Example: "hhrecon payin create KG-1 --amount 50000 --customer-id 77"},
	"help":         {Example: "hhrecon help run"},
	"version":      {Example: "hhrecon version"},
	"completion":   {Example: "source <(hhrecon completion bash)"},
}

// meanings say what the exit statuses mean; the page exit-codes has the details.
var meanings = []string{
	0: "success",
	1: "something failed; what was done is stored",
	2: "wrong use or settings; nothing was done",
	3: "finished, but something has no trusted answer",
	4: "another run holds the project",
	5: "corrections or a proposal wait for a person",
}

// Print prints a command's usage with its examples and exit statuses.
func Print(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	selected, codes := ctx.Selected(), []int{0, 1, 2}
	leaves := []*kong.Node{Child(ctx.Model.Node, "demo"), Child(ctx.Model.Node, "run")}
	if selected != nil {
		leaves = append(selected.Leaves(true), selected)
	}
	fmt.Fprintln(ctx.Stdout, "\nExamples:")
	for _, leaf := range leaves {
		if u, found := Of[leaf.Path()]; found {
			fmt.Fprintln(ctx.Stdout, "  "+u.Example)
			codes = append(codes, u.Statuses...)
		}
	}
	fmt.Fprintln(ctx.Stdout, "\nExit status (hhrecon help exit-codes):")
	for _, code := range codes {
		fmt.Fprintf(ctx.Stdout, "  %d  %s\n", code, meanings[code])
	}
	return nil
}

// CommandOf is the command whose usage helps after an error in a command line.
func CommandOf(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context.Selected() != nil {
		return parse.Context.Selected().FullPath()
	}
	return "hhrecon"
}

// Child finds a command below another one; nil if there is none.
func Child(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name && !child.Hidden {
			return child
		}
	}
	return nil
}
