package usage

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/docs"
)

// Complete is the first argument of a command line that asks for completions.
const Complete = "__complete"

// Scripts has the completion script of each shell. A script calls `hhrecon __complete` for the possible next
// words. If there are no possible words, the script completes file names. The script for fish completes file names
// only after a flag.
var Scripts = map[string]string{
	"bash": `_hhrecon() {
	COMPREPLY=($(hhrecon __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _hhrecon hhrecon
`,
	"zsh": `#compdef hhrecon
_hhrecon() {
	local -a found=("${(@f)$(hhrecon __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	[[ -n $found ]] && compadd -a found && return
	compset -P '--*='
	_files
}
if [[ $funcstack[1] == _hhrecon ]]; then _hhrecon; else compdef _hhrecon hhrecon; fi
`,
	"fish": `function __hhrecon
	hhrecon __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
function __hhrecon_file
	string match -q -- '-*' (commandline -opc)[-1] (commandline -ct); and not count (__hhrecon) >/dev/null
end
complete -c hhrecon -f -a '(__hhrecon)'
complete -c hhrecon -F -n __hhrecon_file
`,
}

// Words returns the possible completions of the last of the given words, one per line. A flag with a value is one word,
// --flag=value, or three as in bash: --flag, = and value.
func Words(k *kong.Kong, words []string) (found string) {
	words = append([]string{""}, words...)
	last := len(words) - 1
	before, prefix := slices.DeleteFunc(words[min(1, last):last], func(word string) bool { return word == "=" }), ""
	word := strings.TrimPrefix(words[last], "=")
	if name, value, assigned := strings.Cut(word, "="); assigned && strings.HasPrefix(name, "--") {
		before, prefix, word = append(before, name), name+"=", value
	}
	for _, next := range nextWords(k.Model.Node, before, word) {
		if next != "" && strings.HasPrefix(next, word) {
			found += prefix + next + "\n"
		}
	}
	return found
}

// nextWords returns the words that can follow the given words. After a dash, the result contains flags. Otherwise the
// result contains commands, topics or values.
func nextWords(root *kong.Node, before []string, last string) (words []string) {
	node, help, args, flag := root, false, 0, []*kong.Flag(nil)
	for _, word := range before {
		child := Child(node, word)
		switch {
		case len(flag) > 0: // the word is the flag's value
			flag = nil
		case strings.HasPrefix(word, "-"):
			other := func(f *kong.Flag) bool { return "--"+f.Name != word || f.IsBool() }
			flag = slices.DeleteFunc(slices.Concat(node.AllFlags(true)...), other)
		case child == nil:
			args++
		case child.Name == "help":
			help = true
		default:
			node = child
		}
	}
	switch {
	case len(flag) > 0:
		return flag[0].EnumSlice()
	case strings.HasPrefix(last, "-"):
		for _, f := range slices.Concat(node.AllFlags(true)...) {
			words = append(words, "--"+f.Name)
		}
		return words
	case help && node == root && args == 0:
		words = docs.Topics()
	}
	for _, child := range node.Children {
		if !child.Hidden && args == 0 {
			words = append(words, child.Name)
		}
	}
	if args < len(node.Positional) && !help {
		words = append(words, node.Positional[args].EnumSlice()...)
	}
	return words
}
