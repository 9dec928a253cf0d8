package mapping

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hhrecon/sql/db"
)

// StatusIgnore marks a status of rows that are no longer payins, such as refunded.
const StatusIgnore = "ignore"

// Statuses are the possible meanings of a merchant's status.
var Statuses = []string{"new", "pending", "processing", "dispute", "error", "success", "decline", StatusIgnore}

// written lists HighHelp's statuses. Corrections write a word of the merchant for each.
var written = []string{"processing", "dispute", "error", "success", "decline"}

// statuses decides what each status of the table means, and which word is written for each status of HighHelp.
func (p *proposer) statuses(ctx context.Context) error {
	f, known := p.m.Fields[Status]
	if !known {
		return nil
	}
	words, err := p.allWords(ctx, &f)
	if err == nil {
		err = p.absent(ctx, Status)
	}
	if err != nil {
		return err
	}
	if p.m.Fields[Status] = f; len(words) == maxValues {
		p.doubt(Status, "", fmt.Sprintf("%s has %d or more different values", p.where(Status), maxValues))
		return nil
	}
	for _, word := range slices.Sorted(maps.Keys(p.c.Statuses)) {
		isWord := func(w StatusWord) bool { return w.Word == word }
		if !slices.ContainsFunc(words, isWord) && (len(f.Column.Enum) > 0 || f.Lookup != nil) {
			return db.Errorf("--status %s=%s: %s does not have this status; its statuses are %s",
				word, p.c.Statuses[word], p.where(Status), wordList(words))
		} else if !slices.ContainsFunc(words, isWord) {
			words = append(words, StatusWord{Word: word})
		}
	}
	open := false
	for _, w := range words {
		usual, _ := meaning(w.Word)
		w.Status = usual
		doubt := unclear(&p.m.Table, p.c, w.Word, words)
		if doubt != "" {
			w.Status = ""
		}
		if choice, chosen := p.c.Statuses[w.Word]; chosen {
			w.Status = choice
		} else if usual != "" || w.Rows > 0 {
			p.add(Question{Text: fmt.Sprintf("What does the status %q of %s mean?", w.Word, p.where(Status)), Flag: "status",
				Before: w.Word + "=", Options: Statuses, Proposal: w.Status, Certain: w.Status != "",
				Evidence: strings.TrimSpace(fmt.Sprintf("rows with this status: %d. %s%s", w.Rows, doubt, f.Column.Comment))})
		}
		if w.Status != "" {
			p.m.Statuses = append(p.m.Statuses, w)
		}
		open = open || w.Status == "" && (usual != "" || w.Rows > 0)
	}
	p.writtenWords(open)
	return nil
}

// unclear says why a word may have another meaning than the usual one, or "". A person must tell which of several words
// for success is the earlier one, such as "the customer has paid". In shops, orders in processing are paid.
func unclear(t *Table, c Choices, word string, words []StatusWord) string {
	usual, _ := meaning(word)
	paid := false
	for _, w := range words {
		if !means(w, "success") {
			continue
		}
		if _, chosen := c.Statuses[w.Word]; usual == "success" && plain(w.Word) != plain(word) && !chosen {
			return fmt.Sprintf("%q may mean success too, and one of them may be an earlier state. ", w.Word)
		}
		paid = paid || !strings.HasPrefix(plain(w.Word), "complete")
	}
	if plain(word) == "processing" && !paid && strings.Contains(plain(t.Name), "order") {
		return "In many shops it means that the order is paid. "
	}
	return ""
}

func means(w StatusWord, status string) bool {
	usual, _ := meaning(w.Word)
	return usual == status
}

func wordList(words []StatusWord) string {
	var all []string
	for _, w := range words {
		all = append(all, w.Word)
	}
	return strings.Join(all, ", ")
}

// allWords returns the statuses in the rows, in an enum's labels and in a lookup table, with the number of rows. Among
// the columns of a lookup table with unique names, it chooses the one with the most usual words.
func (p *proposer) allWords(ctx context.Context, f *Field) ([]StatusWord, error) {
	var others []StatusWord
	for _, label := range slices.Concat(f.Column.Enum, f.Column.Checked) {
		others = append(others, StatusWord{Word: label})
	}
	if f.Lookup != nil {
		l, best := *f.Lookup, -1
		for _, c := range p.s.columns(&l) {
			words, err := p.count(ctx, "l."+ident(c.Name), "from "+l.sql()+" as l")
			if err != nil {
				return nil, err
			}
			usual := len(words)
			for i, w := range words {
				if words[i].Rows = 0; means(w, "") {
					usual--
				}
				if w.Rows > 1 { // a correction could not find the key
					usual = -len(words)
				}
			}
			if c.isText() && usual > best {
				best, others, l.Name = usual, words, c.Name
			}
		}
		if f.Lookup = &l; best < 0 {
			return nil, db.Errorf("the lookup table %s.%s needs a column with unique names of the statuses", l.Schema, l.Table)
		}
	}
	words, err := p.count(ctx, "coalesce("+source(*f)+"::text, "+source(Field{Column: f.Column})+"::text)", p.from())
	for _, other := range others {
		if !slices.ContainsFunc(words, func(w StatusWord) bool { return w.Word == other.Word }) {
			words = append(words, other)
		}
	}
	return words, err
}

// writtenWords decides which of the merchant's words is written for each of HighHelp's statuses. If the table has no
// word for dispute or error, a payin with this status gets the word for processing and stays open. While the meaning of
// a word is unknown, writtenWords asks no further question.
func (p *proposer) writtenWords(open bool) {
	p.m.Words = make(map[string]string)
	slices.SortStableFunc(p.m.Statuses, func(a, b StatusWord) int { return p.usage(a) - p.usage(b) })
	for _, status := range written {
		w := firstWord(p.m.Statuses, status)
		if w.Word == "" && status != "success" && status != "decline" {
			w = firstWord(p.m.Statuses, "processing", "pending", "new")
		}
		if w.Word != "" {
			p.m.Words[status] = w.Word
		}
		q := Question{Text: fmt.Sprintf("Which status of %s is written for HighHelp's %s?", p.where(Status), status),
			Proposal: w.Word, Certain: w.Word != "", Evidence: "no status is known to mean " + status}
		switch {
		case w.Status == status, w.Word == "" && open:
			continue
		case q.Certain:
			q.Evidence += "; such payins stay open as " + w.Status
		default:
			q.Flag, q.After, q.Evidence = "status", "="+status, q.Evidence+"; write the word that the merchant's programs use"
		}
		p.add(q)
	}
}

// firstWord returns the first word of the first status that has words.
func firstWord(words []StatusWord, statuses ...string) StatusWord {
	for _, status := range statuses {
		for _, w := range words {
			if w.Status == status {
				return w
			}
		}
	}
	return StatusWord{}
}

// usage sorts the words of one status. Usual words that a person chose come first, then other usual words, then unusual
// words. A person must explain an unusual word, but hhrecon does not therefore write the word.
func (p *proposer) usage(w StatusWord) int {
	usual, position := meaning(w.Word)
	if usual != w.Status {
		return position + 1000
	} else if _, chosen := p.c.Statuses[w.Word]; chosen {
		return position - 1000
	}
	return position
}
