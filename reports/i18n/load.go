package i18n

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/bits"
	"regexp"
	"slices"
	"strconv"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// forms contains the plural forms for whole numbers in each language.
var forms = map[string][]string{"en": {"one", "other"}, "ru": {"one", "few", "many"}, "ky": {"one", "other"}}

// texts contains all texts of a catalogue.
type texts struct {
	builder  *catalog.Builder
	printers map[string]*message.Printer // by language
	shapes   map[string]shape            // by key
}

// shape contains the properties that must be equal for the texts of a key in all languages.
type shape struct {
	args   int
	plural bool // the first argument selects the plural form
}

// load reads the JSON files of a folder. load returns all errors in the files. Errors are invalid or duplicate keys,
// missing or unknown languages, wrong plural forms, and placeholders that are unknown or differ between languages.
func load(folder fs.FS) (*texts, error) {
	t := &texts{catalog.NewBuilder(), make(map[string]*message.Printer), make(map[string]shape)}
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, name := range names {
		file, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		keys, err := object(file)
		if err != nil {
			faults = append(faults, fmt.Errorf("i18n/%s: %w", name, err))
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if err := t.add(key, keys[key]); err != nil {
				faults = append(faults, fmt.Errorf("i18n/%s: %q: %w", name, key, err))
			}
		}
	}
	for _, name := range Languages {
		t.printers[name] = message.NewPrinter(language.Make(name), message.Catalog(t.builder))
	}
	return t, errors.Join(faults...)
}

// object reads a JSON object. A duplicate name is an error.
func object(text []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("%.40q is not a JSON object", text)
	}
	all := make(map[string]json.RawMessage)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		if _, twice := all[name.(string)]; twice {
			return nil, fmt.Errorf("%q is duplicated", name)
		}
		all[name.(string)] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	return all, nil
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]*[a-z0-9])+$`)

// add reads one key's texts.
func (t *texts) add(key string, value []byte) error {
	if !keyForm.MatchString(key) {
		return errors.New("the key is not dotted lower case")
	}
	if _, twice := t.shapes[key]; twice {
		return errors.New("the key is duplicated")
	}
	of, err := members(value, Languages)
	if err != nil {
		return err
	}
	for _, name := range Languages {
		text, has, err := parse(name, of[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if before, ok := t.shapes[key]; ok && before != has {
			return fmt.Errorf("%s: the arguments or the plural differ from those in %s", name, Languages[0])
		}
		t.shapes[key] = has
		if err := t.builder.Set(language.Make(name), key, text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// members reads a JSON object that must have exactly the given member names.
func members(value []byte, names []string) (map[string]json.RawMessage, error) {
	all, err := object(value)
	if err != nil {
		return nil, err
	}
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, slices.Sorted(slices.Values(names))) {
		return nil, fmt.Errorf("the members are %q, not %q", got, names)
	}
	return all, nil
}

// parse reads the text of one language.
func parse(name string, value []byte) (catalog.Message, shape, error) {
	if value[0] != '{' {
		text, args, err := parseForm(value)
		return catalog.String(text), shape{args: args}, err
	}
	of, err := members(value, forms[name])
	if err != nil {
		return nil, shape{}, err
	}
	has := shape{plural: true}
	var cases []any
	for _, form := range forms[name] {
		text, args, err := parseForm(of[form])
		if err != nil {
			return nil, shape{}, err
		}
		args = max(1, args) // a plural form need not contain the number
		if has.args != 0 && args != has.args {
			return nil, shape{}, fmt.Errorf("the form %q takes %d arguments, not %d", form, args, has.args)
		}
		has.args, cases = args, append(cases, form, text)
	}
	return plural.Selectf(1, "%d", cases...), has, nil
}

// placeholder matches a percent sign and, if it is valid, the rest of the placeholder.
var placeholder = regexp.MustCompile(`%(?:(%)|(?:\[([1-9])\])?(s))?`)

// parseForm reads one text and counts its arguments.
func parseForm(value []byte) (text string, args int, err error) {
	if err := json.Unmarshal(value, &text); err != nil {
		return "", 0, err
	}
	if text == "" {
		return "", 0, errors.New("the text is empty")
	}
	used, next := uint(0), 1
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		switch {
		case found[1] != "":
			continue
		case found[3] == "":
			return "", 0, fmt.Errorf("%q has a placeholder that is not %%s, %%[n]s or %%%%", text)
		case found[2] != "":
			next, _ = strconv.Atoi(found[2])
		}
		used |= 1 << (next - 1)
		next++
	}
	if used&(used+1) != 0 {
		return "", 0, fmt.Errorf("%q does not use all arguments", text)
	}
	return text, bits.Len(used), nil
}
