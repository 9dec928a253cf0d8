// Package i18n is the one catalogue of texts for people, in every language.
//
// Get a Printer with For, and texts from its T. The texts are in the JSON files beside this package, one file an area,
// with all languages of a key side by side:
//
//	"sheet.timeouts": {"en": "Timeouts", "ru": "Вышло время", "ky": "Убактысы өткөндөр"}
//
// Arguments are filled in at %s, or at %[2]s if the languages differ in their order. A text that depends on a number
// has the plural forms of each language; its first argument is the number.
//
// The files are part of the program: if one has a fault (see load), the first call panics, in tests too.
package i18n

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"hhrecon/reconcile"
)

// Languages are those of every text, by their ISO 639 codes.
var Languages = []string{"en", "ru", "ky"}

//go:embed *.json
var files embed.FS

var embedded = sync.OnceValue(func() *texts {
	all, err := load(files)
	if err != nil {
		panic(err)
	}
	return all
})

// Printer writes texts in one language. Its zero value is not usable.
type Printer struct {
	Figure func(string) string // writes amounts and spans of time within a reason; nil: they stay as they are

	texts    *texts
	language string
}

// For is the printer of a language, English if language is empty.
func For(language string) (Printer, error) { return embedded().in(language) }

// English is the printer of what is in English only, such as messages.
func English() Printer { return Printer{texts: embedded(), language: "en"} }

func (t *texts) in(language string) (Printer, error) {
	if language == "" {
		language = "en"
	}
	if !slices.Contains(Languages, language) {
		return Printer{}, fmt.Errorf("there is no language %q: choose one of %q", language, Languages)
	}
	return Printer{texts: t, language: language}, nil
}

// Count is a number that is written with its thousands apart: "12 345".
type Count int64

// String writes the number as amounts of a currency without decimals are.
func (n Count) String() string { return reconcile.FormatAmount(int64(n), "JPY") }

// PluralForm is the form that a text takes with the number.
func (n Count) PluralForm(t language.Tag, _ int) (plural.Form, int) {
	low := int(n % 1_000_000) // no rule looks at more digits
	return plural.Cardinal.MatchPlural(t, low, 0, 0, 0, 0), low
}

// digits is a number with nothing between its thousands, whatever the language has there.
type digits struct{ Count }

func (n digits) String() string { return strconv.FormatInt(int64(n.Count), 10) }

// Language is that of the texts.
func (p Printer) Language() string { return p.language }

// T is the text of a key with its arguments filled in. An int or int64 is written with its digits only.
//
// A key without a text, or arguments that the text does not take, are a fault of the program: T panics in tests, and
// returns the key otherwise.
func (p Printer) T(key string, args ...any) string {
	text, ok := p.texts.shapes[key]
	if !ok {
		return fault(key, "there is no such text")
	}
	if len(args) != text.args {
		return fault(key, "the text takes %d arguments, not %d", text.args, len(args))
	}
	args = slices.Clone(args)
	for i, arg := range args {
		switch n := arg.(type) {
		case int:
			args[i] = digits{Count(n)}
		case int64:
			args[i] = digits{Count(n)}
		case Count:
		default:
			if text.plural && i == 0 {
				return fault(key, "the text has plural forms, and %v is not a number", arg)
			}
		}
	}
	return p.texts.printers[p.language].Sprintf(key, args...)
}

// Every is a text without arguments in all languages, for what is read back from people's files.
func Every(key string) []string {
	all := make([]string, len(Languages))
	for i, language := range Languages {
		all[i] = Printer{texts: embedded(), language: language}.T(key)
	}
	return all
}

// strict has T panic.
var strict = testing.Testing()

func fault(key, format string, args ...any) string {
	if strict {
		panic(fmt.Sprintf("i18n: %q: "+format, append([]any{key}, args...)...))
	}
	return key
}
