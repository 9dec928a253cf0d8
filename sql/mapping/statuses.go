package mapping

import (
	"cmp"
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

// maxStatuses is the maximum number of different values of a column with statuses.
const maxStatuses = 50

// statuses decides what each status of the table means, and which word is written for each status of HighHelp.
func (p *proposer) statuses(ctx context.Context) error {
	f, known := p.m.Fields[Status]
	if !known {
		return nil
	}
	words, err := p.allWords(ctx, &f)
	if err != nil {
		return err
	}
	p.m.Fields[Status] = f
	if len(words) > maxStatuses {
		p.doubt(Status, "", fmt.Sprintf("column %s has more than %d different values", f.Column.Name, maxStatuses))
		return nil
	}
	for _, word := range slices.Sorted(maps.Keys(p.c.Statuses)) {
		if !slices.ContainsFunc(words, func(w StatusWord) bool { return w.Word == word }) {
			if len(f.Column.Enum) > 0 || f.Lookup != nil {
				return db.Errorf("--status %s=%s: %s has no status %[1]q; its statuses are %[4]s",
					word, p.c.Statuses[word], p.where(Status), wordList(words))
			}
			words = append(words, StatusWord{Word: word})
		}
	}
	strong := slices.ContainsFunc(words, func(w StatusWord) bool {
		status, _ := meaning(w.Word)
		return status == "success" && !unclear(w.Word)
	})
	open := false
	for _, w := range words {
		w.Status, _ = meaning(w.Word)
		if strong && unclear(w.Word) {
			w.Status = ""
		}
		choice, chosen := p.c.Statuses[w.Word]
		if chosen {
			w.Status = choice
		} else if w.Status != "" || w.Rows > 0 {
			p.add(Question{Text: fmt.Sprintf("What does the status %q of %s mean?", w.Word, p.where(Status)), Flag: "status",
				Before: w.Word + "=", Options: Statuses, Proposal: w.Status, Certain: w.Status != "",
				Evidence: strings.TrimSuffix(plural(int(w.Rows), "row has it", "rows have it")+"; "+f.Column.Comment, "; ")})
		}
		if w.Status != "" {
			p.m.Statuses = append(p.m.Statuses, w)
		} else {
			open = open || w.Rows > 0
		}
	}
	p.writtenWords(open)
	return nil
}

func wordList(words []StatusWord) string {
	var all []string
	for _, w := range words {
		all = append(all, w.Word)
	}
	return strings.Join(all, ", ")
}

// allWords returns the statuses in the rows, in an enum's labels and in a lookup table, with the number of rows. Among
// the columns of a lookup table, allWords chooses the one with the most known words.
func (p *proposer) allWords(ctx context.Context, f *Field) ([]StatusWord, error) {
	others := f.Column.Enum
	if f.Lookup != nil {
		l, best := *f.Lookup, -1
		for _, c := range p.s.table(l.Schema, l.Table).Columns {
			if !c.isText() {
				continue
			}
			name := "l." + quote(c.Name)
			rows, err := p.list(ctx, []string{name, "count(*)"}, "from "+l.sql()+" as l group by "+name+" order by "+name)
			if err != nil {
				return nil, err
			}
			var words []string
			known := 0
			for _, row := range rows {
				if row[0] == nil || *row[1] != "1" {
					known = -1 // a correction could not find the key of a name
					break
				}
				words = append(words, *row[0])
				if status, _ := meaning(*row[0]); status != "" {
					known++
				}
			}
			if known > best {
				l.Name, best, others = c.Name, known, words
			}
		}
		if best < 0 {
			return nil, db.Errorf("the lookup table %s.%s has no column with unique names of the statuses: add one", l.Schema, l.Table)
		}
		f.Lookup = &l
		codes, err := p.count(ctx, source(Field{Column: f.Column}))
		named, err2 := p.count(ctx, source(*f))
		if err = cmp.Or(err, err2); err != nil || len(codes) > len(named) {
			return nil, cmp.Or(err, db.Errorf("the lookup table %s.%s does not have all values of %s: %s",
				l.Schema, l.Table, p.where(Status), wordList(codes)))
		}
	}
	words, err := p.count(ctx, source(*f))
	for _, word := range others {
		if !slices.ContainsFunc(words, func(w StatusWord) bool { return w.Word == word }) {
			words = append(words, StatusWord{Word: word})
		}
	}
	return words, err
}

// writtenWords decides which of the merchant's words is written for each of HighHelp's statuses. Without a word for
// dispute or error, such a payin stays open with the word for processing. While the meaning of a word is open,
// writtenWords asks no further question.
func (p *proposer) writtenWords(open bool) {
	p.m.Words = make(map[string]string)
	for _, status := range []string{"processing", "dispute", "error", "success", "decline"} {
		instead := []string{status}
		if status != "success" && status != "decline" {
			instead = append(instead, "processing", "pending", "new")
		}
		q := Question{Text: fmt.Sprintf("Which status of %s is written for HighHelp's %s?", p.where(Status), status)}
		for _, s := range instead {
			if q.Proposal = p.bestWord(s); q.Proposal != "" {
				p.m.Words[status] = q.Proposal
				q.Certain, q.Evidence = true, fmt.Sprintf("%q means %s; no status means %s, and such payins stay open", q.Proposal, s, status)
				break
			}
		}
		if q.Proposal == "" {
			q.Flag, q.After, q.Evidence = "status", "="+status, "no status is known to mean "+status
			for _, w := range p.m.Statuses {
				q.Options = append(q.Options, w.Word)
			}
		}
		if q.Proposal == "" && !open || q.Proposal != "" && q.Proposal != p.bestWord(status) {
			p.add(q)
		}
	}
}

// bestWord returns the word that is written for a status: a chosen word, or else the most usual one.
func (p *proposer) bestWord(status string) string {
	best, bestRank := "", 0
	for _, w := range p.m.Statuses {
		usual, rank := meaning(w.Word)
		if usual != status {
			rank += 1000
		}
		if _, chosen := p.c.Statuses[w.Word]; chosen {
			rank -= 10_000
		}
		if w.Status == status && (best == "" || rank < bestRank) {
			best, bestRank = w.Word, rank
		}
	}
	return best
}
