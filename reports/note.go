package reports

import (
	"fmt"
	"regexp"
	"strings"
)

// form is a sentence of hhrecon's own that is kept with a run or a finding, in English, and how a report says it: what
// the pattern finds is filled in, itself said where it is of such a form.
type form struct {
	pattern *regexp.Regexp
	key     string
}

// quoted is a text as %q writes it: a word of HighHelp's or of the merchant's, which stands as it is.
const quoted = "(" + quotedWord + ")"

const quotedWord = `"(?:[^"\\]|\\.)*"`

func formOf(pattern, key string) form { return form{regexp.MustCompile(`^` + pattern + `$`), key} }

// forms are what reconcile.HoldLimits and a person's stop leave with a run, then what reconcile and highhelp leave with a
// finding without a trusted answer: its doubt, or the call's error, whose parts follow one another.
var forms = [...]form{
	formOf(`would be held: (.+)`, "would be held: %s"),
	formOf(`the payins to be declined, rejected or disputed sum up to (\d+) minor units, above hold_above_sum (\d+)`,
		"the payins to be declined, rejected or disputed sum up to %s minor units, above hold_above_sum %s"),
	formOf(`(\d+) of (\d+) answered open payins would be declined, rejected or disputed, more than the share of (\d+) %`,
		"%s of %s answered open payins would be declined, rejected or disputed, more than the share of %s %%"),
	formOf(`([\d.]+) % of the answered open payins would be declined, rejected or disputed, more than ([\d.e+]+) times the usual ([\d.]+) %`,
		"%s %% of the answered open payins would be declined, rejected or disputed, more than %s times the usual %s %%"),
	formOf(`(?:(?:ask|settle): )?stopped by (.+)`, "stopped by %s"),
	formOf(`(?:(?:ask|settle): )?(?:interrupt|terminated) signal received`, "stopped by a signal"),
	formOf(`its process (\d+) on (.+) is gone; last sign of life (\S+)`, "its process %s on %s is gone; last sign of life %s"),
	formOf(`(?:ask: )?(?:payin info `+quotedWord+`: )?HighHelp refuses the keys: check the project id, the keys and the signature variant: (.+)`,
		"HighHelp refuses the keys: check the project id, the keys and the signature variant: %s"),

	formOf(`it is about another payment_id, `+quoted, "it is about another payment_id, %s"),
	formOf(`it is about another project_id, `+quoted, "it is about another project_id, %s"),
	formOf(`it has the status `+quoted+`, which HighHelp's documentation does not`, "it has the status %s, which HighHelp's documentation does not"),
	formOf(`its sub-status `+quoted+` is no word`, "its sub-status %s is no word"),
	formOf(`it has no payment_info`, "it has no payment_info"),
	formOf(`its type is `+quoted+`, not "payin"`, `its type is %s, not "payin"`),
	formOf(`its currency is `+quoted+`, the merchant's row has `+quoted, "its currency is %s, the merchant's row has %s"),
	formOf(`an amount is missing or out of range \(amount (-?\d+), old_amount (-?\d+), initial_amount (-?\d+)\)`,
		"an amount is missing or out of range (amount %s, old_amount %s, initial_amount %s)"),
	formOf(`The merchant's row has the currency `+quoted+`, which ISO 4217 does not`, "the merchant's row has the currency %s, which ISO 4217 does not"),
	formOf(`The merchant's own amount, (-?\d+), is out of range`, "the merchant's own amount, %s minor units, is out of range"),

	formOf(`(.+): the next try, in ([\w.]+), would come after the call's limit of ([\w.]+)`,
		"%s; the next try, in %s, would come after the call's limit of %s"),
	formOf(`HighHelp unreachable after (\d+) tries: (.+)`, "unreachable after %s tries: %s"),
	formOf(`HighHelp unreachable: (.+)`, "unreachable: %s"),
	formOf(`HighHelp refuses the request after (\d+) tries: (.+)`, "HighHelp refuses the request after %s tries: %s"),
	formOf(`HighHelp refuses the request: (.+)`, "HighHelp refuses the request: %s"),
	formOf(`HighHelp's answer is not in the documented form after (\d+) tries: (.+)`, "it is not in the documented form after %s tries: %s"),
	formOf(`HighHelp's answer is not in the documented form: (.+)`, "it is not in the documented form: %s"),
	formOf(`(HTTP \d+(?: "(?:[^"\\]|\\.)*")?): (.+)`, "%s: %s"),
	formOf(`not JSON: (.+)`, "not JSON: %s"),
	formOf(`no whole answer within ([\w.]+)`, "no whole answer within %s"),
	formOf(`the answer is larger than (\d+) bytes`, "the answer is larger than %s bytes"),
	formOf(`the answer broke off after (\d+) bytes: (.+)`, "the answer broke off after %s bytes: %s"),
	formOf(`redirects are not followed, this one leads to `+quoted+`: check the base URL`, "redirects are not followed, this one leads to %s: check the base URL"),
}

// retold is a text that is kept in English, in the report's language. One that has none of the forms stands as it is.
func (w words) retold(text string) string {
	for i := range forms {
		parts := forms[i].pattern.FindStringSubmatch(text)
		if parts == nil {
			continue
		}
		args := make([]any, len(parts)-1)
		for j, part := range parts[1:] {
			args[j] = w.retold(part)
		}
		return w.say(forms[i].key, args...)
	}
	return text
}

// NoteOf is a run's note in the report's language, on one line. A note that is not one of hhrecon's own stands as it was kept.
func (o *Options) NoteOf(note string) string {
	w, err := o.words()
	if err != nil {
		return OneLine(note)
	}
	return w.retold(OneLine(note))
}

// aboutPayin begins what a failed call left; its own row says which payin it was about.
var aboutPayin = regexp.MustCompile(`^payin info "(?:[^"\\]|\\.)*": `)

// stored is the detail of the reason that the run kept, without what our clauses say already.
func (l *line) stored() string {
	detail := l.Reason
	for _, said := range [...]string{
		"No usable answer from HighHelp: ", "The answer cannot be trusted: ", "HighHelp gave no answer that can be trusted: ",
	} {
		detail = strings.TrimPrefix(detail, said)
	}
	detail, _, _ = strings.Cut(detail, "; the merchant's table refused")
	detail = strings.TrimRight(detail, ".")
	detail = strings.TrimSuffix(detail, fmt.Sprintf("; the sub-status %q is new to us", l.ProviderSubStatus))
	return l.about.retold(aboutPayin.ReplaceAllString(detail, ""))
}
