package reports

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"hhrecon/reports/i18n"
)

// Languages are those that a workbook can be written in. The texts of reason.go and note.go are the English ones, and
// what a catalogue's file translates, by itself.
var Languages = i18n.Languages

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

func (w words) say(key string, args ...any) string { return w.printer.Sprintf(key, args...) }
