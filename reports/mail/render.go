package mail

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"
)

//go:embed templates
var templates embed.FS

var (
	htmlReport = htmltemplate.Must(htmltemplate.New("report.html").Funcs(htmltemplate.FuncMap{"pieces": parts}).
			ParseFS(templates, "templates/report.html"))
	textReport = texttemplate.Must(texttemplate.New("report.txt").Funcs(texttemplate.FuncMap{"wrap": wrap, "head": head}).
			ParseFS(templates, "templates/report.txt"))
)

// render renders both bodies of the message.
func (l *message) render() (text, html string, err error) {
	var t, h strings.Builder
	if err := textReport.Execute(&t, l); err != nil {
		return "", "", fmt.Errorf("write the message: %w", err)
	}
	if err := htmlReport.Execute(&h, l); err != nil {
		return "", "", fmt.Errorf("write the message: %w", err)
	}
	return t.String(), h.String(), nil
}

// part is a part of a text. If Whole is set, a line must not break within the part.
type part struct {
	Text  string
	Whole bool
}

// whole matches texts that must stay on one line of a narrow screen. These texts are percentages and dates. A time or
// the end of a file name may follow a date.
var whole = regexp.MustCompile(`\d{4}-\d\d-\d\d(?: \d\d:\d\d|\.\w{1,8})?|\d[\d.]* %`)

func parts(text string) []part {
	var all []part
	from := 0
	for _, at := range whole.FindAllStringIndex(text, -1) {
		all = append(all, part{Text: text[from:at[0]]}, part{text[at[0]:at[1]], true})
		from = at[1]
	}
	return append(all, part{Text: text[from:]})
}

// Colour returns the text colour of the headline. The colour is dark enough to be readable on
// the background colour Tint.
func (l *message) Colour() string {
	return map[string]string{"complete": "#1a6b34", "partial": "#8a5300", "held": "#b42318", "failed": "#b42318"}[l.Kind]
}

// Tint returns the background colour of the headline.
func (l *message) Tint() string {
	return map[string]string{"complete": "#e9f6ec", "partial": "#fff4dc", "held": "#fdecea", "failed": "#fdecea"}[l.Kind]
}

// FactLines returns the details of the run or period as lines of plain text.
func (l *message) FactLines() []string {
	lines := make([][]string, len(l.Facts))
	for i, f := range l.Facts {
		lines[i] = []string{f.Name, f.Value}
	}
	return columns(lines, 2)
}

// TableLines returns a table as lines of plain text.
func (l *message) TableLines(t table) []string {
	lines := [][]string{{
		l.T("column.outcome"), l.T("column.payins"), l.T("mail.merchant_amount"), l.T("column.difference"),
	}}
	for _, r := range append(t.Rows[:len(t.Rows):len(t.Rows)], t.All) {
		lines = append(lines, []string{r.Outcome, r.Count, r.Amount, r.Difference})
	}
	return columns(lines, 1)
}

// columns aligns cells in columns. The column with the index figures and all later columns are right-aligned.
func columns(lines [][]string, figures int) []string {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	set := make([]string, len(lines))
	for i, line := range lines {
		var b strings.Builder
		for j, cell := range line {
			room := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell))
			if j >= figures {
				cell = room + cell
			} else {
				cell += room
			}
			b.WriteString(cell + "  ")
		}
		set[i] = strings.TrimRight(b.String(), " ")
	}
	return set
}

// head returns a heading with a line below it.
func head(text string) string { return text + "\n" + strings.Repeat("-", utf8.RuneCountInString(text)) }

// wrap breaks a text into lines of at most 76 characters if possible. Text after "- " is indented.
func wrap(text string) string {
	const width = 76
	indent := ""
	if strings.HasPrefix(text, "- ") {
		indent = "  "
	}
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+size > width:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += size
	}
	return b.String()
}
