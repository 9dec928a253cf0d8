package reports

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// Languages are those that a workbook can be written in. The texts in the code are the English ones, and
// what a catalogue's file translates, by itself.
var Languages = []string{"en", "ru", "ky"}

//go:embed languages/*.json
var catalogueFiles embed.FS

// printers has each language's texts, read once.
var printers = sync.OnceValues(func() (map[string]*message.Printer, error) {
	texts := catalog.NewBuilder(catalog.Fallback(language.English))
	made := make(map[string]*message.Printer)
	for _, name := range Languages {
		tag := language.Make(name)
		if name != "en" {
			all, err := catalogueOf(name)
			if err != nil {
				return nil, err
			}
			for key, text := range all {
				if err := texts.SetString(tag, key, text); err != nil {
					return nil, fmt.Errorf("languages/%s.json: %q: %w", name, key, err)
				}
			}
		}
		made[name] = message.NewPrinter(tag, message.Catalog(texts))
	}
	return made, nil
})

// catalogueOf reads a language's file: English text → the same in the language.
func catalogueOf(name string) (map[string]string, error) {
	file, err := catalogueFiles.ReadFile("languages/" + name + ".json")
	if err != nil {
		return nil, err
	}
	var texts map[string]string
	if err := json.Unmarshal(file, &texts); err != nil {
		return nil, fmt.Errorf("languages/%s.json: %w", name, err)
	}
	return texts, nil
}

// words says things in one language. Numbers come as texts, so that no language regroups them.
type words struct{ printer *message.Printer }

func (w words) say(key string, args ...any) string {
	if key == "" {
		return ""
	}
	return w.printer.Sprintf(key, args...)
}

// language is that of the report, English where none is named.
func (o *Options) language() string {
	if o.Language == "" {
		return "en"
	}
	return o.Language
}

func (o *Options) words() (words, error) {
	all, err := printers()
	if err != nil {
		return words{}, err
	}
	if !slices.Contains(Languages, o.language()) {
		return words{}, fmt.Errorf("there is no language %q: choose one of %q", o.Language, Languages)
	}
	return words{all[o.language()]}, nil
}

// SheetName is what the workbook calls a sheet in its language, by the English name.
func (o *Options) SheetName(english string) string {
	w, err := o.words()
	if err != nil {
		return english
	}
	return w.say(english)
}

// inEveryLanguage is a text with its translations, for what is read back from a workbook.
func inEveryLanguage(key string) []string {
	all, err := printers()
	if err != nil {
		return []string{key}
	}
	var texts []string
	for _, name := range Languages {
		texts = append(texts, words{all[name]}.say(key))
	}
	return texts
}
