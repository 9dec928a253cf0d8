// Package i18n contains the texts that people read, in all languages. The workbook, the mails and the page use this
// catalogue.
//
// Call For to get a Printer, and Printer.T to get a text. The texts are in this package's JSON files, one file for each
// area. Each key has a text in every language:
//
//	"sheet.timeouts": {"en": "Timeouts", "ru": "Вышло время", "ky": "Убактысы өткөндөр"}
//
// A text takes its arguments at %s, or at %[2]s if their order differs between languages. A text that depends on a
// number has the plural forms of each language. The number is the first argument of the text.
//
// The files are embedded. If a file has an error (see load), the first call panics.
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

// Languages lists the supported languages as ISO 639 codes. Every text must exist in all of them.
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

// Printer writes texts in one language. The zero value of Printer is not usable.
type Printer struct {
	Figure func(string) string // if not nil, this function returns the text of amounts and durations in a reason

	texts    *texts
	language string
}

// For returns the printer of a language. "" means English. An unknown language is an error.
func For(language string) (Printer, error) { return embedded().in(language) }

// English returns the printer for texts that are always in English, such as log messages.
func English() Printer { return Printer{texts: embedded(), language: "en"} }

func (t *texts) in(language string) (Printer, error) {
	if language == "" {
		language = "en"
	}
	if !slices.Contains(Languages, language) {
		return Printer{}, fmt.Errorf("unknown language %q: choose one of %q", language, Languages)
	}
	return Printer{texts: t, language: language}, nil
}

// Count is a number that is written with spaces between thousands: "12 345".
type Count int64

// String formats the number like an amount of a currency without decimals.
func (n Count) String() string { return reconcile.FormatAmount(int64(n), "JPY") }

// PluralForm returns the plural form for the number. Package plural calls this method.
func (n Count) PluralForm(t language.Tag, _ int) (plural.Form, int) {
	low := int(n % 1_000_000) // the plural rules depend only on the last digits
	return plural.Cardinal.MatchPlural(t, low, 0, 0, 0, 0), low
}

// digits is a number that is written without separators in every language.
type digits struct{ Count }

func (n digits) String() string { return strconv.FormatInt(int64(n.Count), 10) }

// Language returns the printer's language as an ISO 639 code.
func (p Printer) Language() string { return p.language }

// T returns the text of a key with the arguments filled in. T writes an int or int64 without separators.
//
// An unknown key or a wrong number of arguments is an error in the program. In this case T panics in tests, and returns
// the key in production.
func (p Printer) T(key string, args ...any) string {
	text, ok := p.texts.shapes[key]
	if !ok {
		return fault(key, "unknown key")
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
				return fault(key, "the text has plural forms, but %v is not a number", arg)
			}
		}
	}
	return p.texts.printers[p.language].Sprintf(key, args...)
}

// Every returns a text without arguments in all languages, to recognise texts in files that people edited.
func Every(key string) []string {
	all := make([]string, len(Languages))
	for i, language := range Languages {
		all[i] = Printer{texts: embedded(), language: language}.T(key)
	}
	return all
}

// strict makes T panic on an error.
var strict = testing.Testing()

func fault(key, format string, args ...any) string {
	if strict {
		panic(fmt.Sprintf("i18n: %q: "+format, append([]any{key}, args...)...))
	}
	return key
}
