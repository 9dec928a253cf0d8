package mail

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// catalogue is every text of a letter in one language. A text with several forms, apart by "|", goes by a number.
type catalogue struct {
	language string
	texts    map[string]string
	forms    []plural.Form // of "|"-separated texts, in their order; the last form is for all other numbers
}

// catalogueOf is the catalogue of a recipient's language, or English.
func catalogueOf(language string) *catalogue {
	if c, ok := catalogues[language]; ok {
		return c
	}
	return catalogues["en"]
}

//go:embed languages/*.json
var languageFiles embed.FS

var catalogues = map[string]*catalogue{
	"en": {"en", english, []plural.Form{plural.One, plural.Other}},
	"ru": {"ru", translated("ru"), []plural.Form{plural.One, plural.Few, plural.Many}},
	"ky": {"ky", translated("ky"), []plural.Form{plural.Other}}, // a Kyrgyz noun stays as it is after a number
}

// translated reads a language's file: the key → the text. The files are part of the program, so it panics where one is broken.
func translated(language string) map[string]string {
	name := "languages/" + language + ".json"
	file, err := languageFiles.ReadFile(name)
	if err != nil {
		panic(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(file, &texts); err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	return texts
}

// say is a text with its arguments filled in.
func (c *catalogue) say(key string, args ...any) string {
	text, ok := c.texts[key]
	if !ok {
		panic(fmt.Sprintf("mail: the catalogue %s has no text %q", c.language, key)) // a test builds every kind of letter
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// number is a text in the form that n takes, with n as its first argument.
func (c *catalogue) number(key string, n int64, args ...any) string {
	forms := strings.Split(c.say(key), "|")
	form := forms[min(c.formOf(n), len(forms)-1)]
	if !strings.Contains(form, "%") {
		return form
	}
	return fmt.Sprintf(form, append([]any{grouped(n)}, args...)...)
}

// formOf is the place of the form that a number takes, by Unicode's rules for the language.
func (c *catalogue) formOf(n int64) int {
	form := plural.Cardinal.MatchPlural(language.Make(c.language), int(n%1_000_000), 0, 0, 0, 0) // no rule looks at more digits
	if place := slices.Index(c.forms, form); place >= 0 {
		return place
	}
	return len(c.forms) - 1
}

// english is the catalogue of which all others are translations. Outcomes, statuses and commands are
// the same in every language.
var english = map[string]string{
	"complete": "COMPLETE", "partial": "PARTIAL", "held": "HELD", "released": "HELD, released", "discarded": "HELD, discarded",

	"night":        "night of %s",
	"day":          "run of %s",
	"chosen":       "chosen payins, %s",
	"period":       "%s to %s",
	"all projects": "all projects",
	"correction":   "Correction %d to %s",

	"payins":            "%s payin|%s payins",
	"different":         "%s different amount|%s different amounts",
	"answered of":       "%s of %s payin answered|%s of %s payins answered",
	"held back":         "%s correction held back|%s corrections held back",
	"changed":           "%s payin differs from what was reported|%s payins differ from what was reported",
	"complete means":    "Every payin was answered.",
	"partial means":     "%s payin was not answered. Nothing was concluded about it; the next run asks again.|%s payins were not answered. Nothing was concluded about them; the next run asks again.",
	"held means":        "No row was changed: the corrections are so many that a person must look first.",
	"held run means":    "A run of this period is held: a person must look first.",
	"released means":    "The run was held; a person had its corrections written, where the rows were still as they were read.",
	"discarded means":   "The run was held; a person dropped its corrections. No row was changed.",
	"correction means":  "This corrects the report “%s”. It comes from run %d and lists only the payins about which it says something else than the report and its corrections so far.",
	"correction period": "This corrects the report “%s”. It lists only the payins about which it says something else than the report and its corrections so far.",

	"repeated":   "This message may have reached you before: when it was sent, the mail server's answer got lost. A copy has the same Message-ID, <%s>; there is one report, not two.",
	"sent again": "Sent by hand, on the word of %s.",

	"to do":              "What to do",
	"nothing to do":      "Nothing: no payin waits for you.",
	"do hold":            "Release or discard run %d. Release writes its corrections, discard drops them.",
	"do decide":          "Decide about %s payin: fill in the workbook's sheet “%s”.|Decide about %s payins: fill in the workbook's sheet “%s”.",
	"do refused":         "Look at %s correction that the merchant's table refused: sheet “%s” says why.|Look at %s corrections that the merchant's table refused: sheet “%s” says why.",
	"do support":         "Ask HighHelp's support about %s payin: sheet “%s” has what to send.|Ask HighHelp's support about %s payins: sheet “%s” has what to send.",
	"do left":            "Look at %s payin that left the window while open: no run asks about it any more. Sheet “%s” lists it.|Look at %s payins that left the window while open: no run asks about them any more. Sheet “%s” lists them.",
	"release or discard": "hhrecon release %[1]d --by NAME, or hhrecon discard %[1]d --by NAME",
	"megabytes":          "%d.%d MB",
	"attached":           "The workbook %s is attached.",
	"too large":          "The workbook %s (%s) is too large for a message. It is here:",
	"too large here":     "The workbook %s (%s) is too large for a message. This makes it on hhrecon's machine:",
	"on the page":        "This report on hhrecon's page:",

	"outcomes":            "Outcomes",
	"outcomes of changes": "What differs, by outcome",
	"outcome":             "Outcome",
	"count":               "Payins",
	"merchant's amount":   "Merchant's amount",
	"difference":          "Difference",
	"all":                 "all",
	"difference means":    "The difference is HighHelp's amount less the merchant's, of the payins whose amounts were compared.",
	"differences":         "The difference|The %s differences, the largest first",
	"largest":             "The largest difference|The %s largest differences",
	"payin":               "Payin",
	"ours":                "merchant %s",
	"theirs":              "HighHelp %s",

	"facts":        "The run",
	"period facts": "The period",
	"project":      "Project",
	"run":          "Run",
	"started":      "Started",
	"closed":       "Closed",
	"created":      "Payins created",
	"from to":      "%s to %s",
	"until":        "until %s",
	"runs":         "Closed runs",
	"selected":     "Payins selected",
	"listed":       "Payins listed",
	"answered":     "Answered",
	"unanswered":   "Asked without answer",
	"not asked":    "Not asked",
	"corrected":    "Rows corrected",
	"superseded":   "Rows left alone, changed meanwhile",
	"refused":      "Corrections refused",
	"held count":   "Corrections held back",
	"left":         "Left the window while open",
	"note":         "Note",
	"times":        "All times are in %s.",
	"automatic":    "hhrecon sent this by itself; nobody reads answers to it.",
}
