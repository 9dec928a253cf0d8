package mapping

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hhrecon/sql/db"
)

// StatusIgnore marks a status of rows that are no longer payins, such as refunded.
const StatusIgnore = "ignore"

// Statuses are the possible answers to the question what a status means.
var Statuses = []string{"new", "pending", "processing", "dispute", "error", "success", "decline", StatusIgnore}

// synonyms lists the usual words for each status in English, Russian and Kyrgyz. The first words are the best ones to
// write. Words that can mean several statuses are missing, such as closed, processed, accepted and hold.
var synonyms = map[string]string{
	"new": "new created create init initial initiated initialized opened registered placed draft новый новая новое новые " +
		"создан создана создано создание открыт жаны",
	"pending": "pending waiting wait awaiting pending_payment awaiting_payment waiting_payment wait_payment " +
		"waiting_for_payment wait_for_payment unpaid not_paid queued ожидает ожидание в_ожидании ожидает_оплаты " +
		"ожидание_оплаты ждет ждет_оплаты не_оплачен не_оплачено не_оплачена неоплачен неоплачено күтүүдө",
	"processing": "processing in_processing in_process process in_progress inprogress progress running verification " +
		"checking обработка в_обработке обрабатывается в_процессе в_работе проверка проверяется",
	"dispute": "dispute disputed in_dispute appeal appealed in_appeal спор диспут оспорен апелляция спорный",
	"error":   "error errored err system_error technical_error ошибка сбой ката",
	"success": "success succeeded successful succeed paid payed оплачен оплачено оплачена оплаченный успешно успешный успех " +
		"успешен completed complete done settled captured credited approved confirmed завершен завершено завершена " +
		"выполнен выполнено выполнена зачислен зачислено исполнен исполнено подтвержден подтверждено төлөндү",
	"decline": "declined decline failed fail failure rejected reject refused denied отклонен отклонено отклонена отказ " +
		"отказано неуспешно неуспешный неудача canceled cancelled cancel отменен отменено отменена отмена аннулирован " +
		"aborted void voided expired expire timeout timed_out просрочен просрочено истек истекло",
	StatusIgnore: "refunded refund refunding partially_refunded partial_refund partially_refund chargeback charged_back возврат " +
		"возвращен возвращено возвращена",
}

// unclearBeside lists the words that mean success only if no other word means success.
const unclearBeside = " approved confirmed подтвержден подтверждено complete done выполнен выполнено выполнена "

var statusPrefix = regexp.MustCompile(`^(?:status|state|payment|payin|pay|order|ps|st)_`)

// meaning returns the status of a word and the position of the word in the list of synonyms, or "".
func meaning(word string) (status string, position int) {
	for _, form := range []string{plain(word), statusPrefix.ReplaceAllString(plain(word), "")} {
		for status, words := range synonyms {
			if i := slices.Index(strings.Fields(words), form); i >= 0 {
				return status, i
			}
		}
	}
	return "", 0
}

// statusWords returns the meanings of words, without the words that must be asked about.
func statusWords(words []StatusWord) []StatusWord {
	strong := slices.ContainsFunc(words, func(w StatusWord) bool {
		s, _ := meaning(w.Word)
		return s == "success" && !strings.Contains(unclearBeside, " "+plain(w.Word)+" ")
	})
	words = slices.Clone(words)
	for i := range words {
		s, _ := meaning(words[i].Word)
		if s == "success" && strong && strings.Contains(unclearBeside, " "+plain(words[i].Word)+" ") {
			s = ""
		}
		words[i].Status = s
	}
	return words
}

// statuses decides what each status of the table means, and which word is written for each status of HighHelp.
func (p *proposer) statuses(ctx context.Context) error {
	f, known := p.m.Fields[Status]
	if !known {
		return nil
	}
	words, err := p.allWords(ctx, f)
	if err != nil {
		return err
	}
	words = statusWords(words)
	if err := p.choose(f, &words); err != nil {
		return err
	}
	for i := range words {
		w := &words[i]
		if _, chosen := p.c.Statuses[w.Word]; chosen || w.Status == "" && w.Rows == 0 {
			continue
		}
		q := Question{Text: fmt.Sprintf("What does the status %q of %s mean?", w.Word, p.where(Status)), Flag: "status",
			Before: w.Word + "=", Options: Statuses, Proposal: w.Status, Certain: w.Status != "",
			Evidence: fmt.Sprintf("%s; the word is usual", plural(w.Rows, "row has", "rows have"))}
		if w.Status == "" {
			q.Evidence = plural(w.Rows, "row has", "rows have") + " it"
			q.Proposal = p.comment(f, w.Word)
		}
		p.add(q)
	}
	p.m.Statuses = slices.DeleteFunc(words, func(w StatusWord) bool { return w.Status == "" })
	p.writtenWords()
	return nil
}

var commentEntry = regexp.MustCompile(`(\d+)\s*[-=:–—]\s*([\pL_]+)`)

// comment returns the meaning of a code according to the column's comment, such as "0 new, 1 - paid".
func (p *proposer) comment(f Field, code string) string {
	for _, m := range commentEntry.FindAllStringSubmatch(f.Column.Comment, -1) {
		if m[1] == code {
			status, _ := meaning(m[2])
			return status
		}
	}
	return ""
}

// allWords returns the words of the status column with the number of rows: those of the rows, the labels of an enum,
// and the names in a lookup table.
func (p *proposer) allWords(ctx context.Context, f Field) ([]StatusWord, error) {
	words, err := p.count(ctx, source(f))
	if err != nil {
		return nil, err
	}
	others := f.Column.Enum
	if l := f.Lookup; l != nil {
		if others, err = p.lookupNames(ctx, l); err != nil {
			return nil, err
		}
	}
	for _, word := range others {
		if !slices.ContainsFunc(words, func(w StatusWord) bool { return w.Word == word }) {
			words = append(words, StatusWord{Word: word})
		}
	}
	return words, nil
}

// lookupNames returns the names in a lookup table. It returns an error if two keys have one name, because a correction
// could then not find the key.
func (p *proposer) lookupNames(ctx context.Context, l *Lookup) (names []string, err error) {
	rows, err := p.list(ctx, []string{"l." + quote(l.Name), "count(*)"},
		fmt.Sprintf("from %s as l where l.%s is not null group by l.%[2]s order by l.%[2]s", l.sql(), quote(l.Name)))
	for _, row := range rows {
		if *row[1] != "1" {
			return nil, db.Errorf("the name %q occurs %s times in the column %s of the lookup table %s.%s: make the names unique",
				*row[0], *row[1], l.Name, l.Schema, l.Table)
		}
		names = append(names, *row[0])
	}
	return names, err
}

// choose applies the chosen statuses to the words. It returns an error for a chosen word that the column cannot have.
func (p *proposer) choose(f Field, words *[]StatusWord) error {
	for _, word := range slices.Sorted(maps.Keys(p.c.Statuses)) {
		i := slices.IndexFunc(*words, func(w StatusWord) bool { return w.Word == word })
		if i < 0 && (len(f.Column.Enum) > 0 || f.Lookup != nil) {
			var all []string
			for _, w := range *words {
				all = append(all, w.Word)
			}
			return db.Errorf("--status %s=%s: %s has no status %[1]q; its statuses are %[4]s",
				word, p.c.Statuses[word], p.where(Status), strings.Join(all, ", "))
		}
		if i < 0 {
			i, *words = len(*words), append(*words, StatusWord{Word: word})
		}
		(*words)[i].Status = p.c.Statuses[word]
	}
	return nil
}

// writtenWords decides which of the merchant's words is written for each of HighHelp's statuses. A chosen word comes
// before others. Without a word for dispute or error, such a payin stays open with the word for processing.
func (p *proposer) writtenWords() {
	p.m.Words = make(map[string]string)
	for _, status := range []string{"processing", "dispute", "error", "success", "decline"} {
		instead := map[string][]string{"processing": {"pending", "new"}, "dispute": {"processing", "pending", "new"},
			"error": {"processing", "pending", "new"}}[status]
		word := p.bestWord(status)
		q := Question{Text: fmt.Sprintf("Which status of %s is written for HighHelp's %s?", p.where(Status), status)}
		for _, s := range instead {
			if word == "" && p.bestWord(s) != "" {
				word = p.bestWord(s)
				q.Proposal, q.Certain = word, true
				q.Evidence = fmt.Sprintf("no status means %s; payins with the status %q stay open", status, word)
			}
		}
		if word != "" {
			p.m.Words[status] = word
		} else {
			q.Flag, q.After, q.Evidence = "status", "="+status, "no status is known to mean "+status
			for _, w := range p.m.Statuses {
				q.Options = append(q.Options, w.Word)
			}
		}
		if word == "" || q.Certain {
			p.add(q)
		}
	}
}

// bestWord returns the word that is written for a status: the only chosen word, or else the most usual one.
func (p *proposer) bestWord(status string) string {
	best, bestRank := "", 0
	for _, w := range p.m.Statuses {
		_, rank := meaning(w.Word)
		if _, chosen := p.c.Statuses[w.Word]; chosen {
			rank -= 1000
		}
		if w.Status == status && (best == "" || rank < bestRank) {
			best, bestRank = w.Word, rank
		}
	}
	return best
}
