package usage

import (
	"strings"

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/docs"
)

// Complete is the first argument of a command line that asks for completions.
const Complete = "__complete"

// Scripts has the completion script of each shell. A script calls `hhrecon __complete` for the possible next words, and
// completes file names if there are none.
var Scripts = map[string]string{
	"bash": `_hhrecon() {
	mapfile -t COMPREPLY < <(hhrecon __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _hhrecon hhrecon
`,
	"zsh": `#compdef hhrecon
_hhrecon() {
	local -a found=("${(@f)$(hhrecon __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	[[ -n $found ]] && compadd -a found || _files
}
compdef _hhrecon hhrecon
`,
	"fish": `complete -c hhrecon -a '(hhrecon __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
}

// Words returns the possible completions of the final one of some words.
func Words(k *kong.Kong, words []string) (found []string) {
	words = append([]string{""}, words...)
	last := words[len(words)-1]
	for _, word := range nextWords(k.Model.Node, words[1:max(1, len(words)-1)], last) {
		if word != "" && strings.HasPrefix(word, last) {
			found = append(found, word)
		}
	}
	return found
}

// nextWords returns the words that can follow others: flags after a dash, otherwise commands, topics or a flag's
// values.
func nextWords(node *kong.Node, before []string, last string) (words []string) {
	flag := ""
	for _, word := range before {
		flag = word
		if child := Child(node, word); child != nil {
			node = child
		}
	}
	for _, level := range node.AllFlags(true) {
		for _, f := range level {
			if "--"+f.Name == flag && !f.IsBool() {
				return f.EnumSlice()
			}
			if strings.HasPrefix(last, "-") {
				words = append(words, "--"+f.Name)
			}
		}
	}
	if strings.HasPrefix(last, "-") {
		return words
	}
	if node.Name == "help" {
		words, node = docs.Topics(), node.Parent
	}
	for _, child := range node.Children {
		if !child.Hidden {
			words = append(words, child.Name)
		}
	}
	for _, positional := range node.Positional {
		words = append(words, positional.EnumSlice()...)
	}
	return words
}
