package mail

import (
	"bytes"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is one email to one recipient.
type Message struct {
	From, To   string
	ID         string // without its brackets
	Answers    string // the Message-ID that this one belongs to; "" for none
	Date       time.Time
	Subject    string
	Text, HTML string
	Name       string // of the attachment
	Attachment []byte // nil for none
	Version    string // of hhrecon
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// build makes the message as it is sent. The attachment is in memory, since a file that goes away while it is read
// would leave a message that looks whole.
func (m *Message) build() (*gomail.Msg, error) {
	b := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := b.From(m.From); err != nil {
		return nil, fmt.Errorf("HHRECON_MAIL_FROM %q: %w", m.From, err)
	}
	if err := b.To(m.To); err != nil {
		return nil, fmt.Errorf("recipient %q: %w", m.To, err)
	}
	b.Subject(m.Subject)
	b.SetMessageIDWithValue(m.ID)
	b.SetDateWithValue(m.Date)
	b.SetUserAgent("hhrecon " + m.Version)
	b.SetGenHeader("Auto-Submitted", "auto-generated")
	b.SetGenHeader("X-Auto-Response-Suppress", "All") // for Exchange, which knows no Auto-Submitted
	if m.Answers != "" {
		b.SetGenHeader("In-Reply-To", "<"+m.Answers+">")
		b.SetGenHeader("References", "<"+m.Answers+">")
	}
	b.SetBodyString(gomail.TypeTextPlain, m.Text)
	b.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if m.Attachment != nil {
		b.AttachReadSeeker(m.Name, bytes.NewReader(m.Attachment), gomail.WithFileContentType(workbookType))
	}
	return b, nil
}
