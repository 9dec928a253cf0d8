package mail

import (
	"bytes"
	"fmt"

	gomail "github.com/wneessen/go-mail"
)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// buildMessage builds the message to send. The attachment is in memory, because removing an attached file during
// sending would silently truncate the message.
func (m *Mailer) buildMessage(o *templateData, subject, text, html string) (*gomail.Msg, error) {
	b := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := b.From(m.Options.From); err != nil {
		return nil, fmt.Errorf("HHRECON_MAIL_FROM %q: %w", m.Options.From, err)
	}
	if err := b.To(o.delivery.Recipient.Address); err != nil {
		return nil, fmt.Errorf("recipient %q: %w", o.delivery.Recipient.Address, err)
	}
	b.Subject(subject)
	b.SetMessageIDWithValue(messageID(&o.delivery))
	b.SetDateWithValue(m.Now())
	b.SetUserAgent("hhrecon " + m.Options.Reports.Version)
	b.SetGenHeader("Auto-Submitted", "auto-generated")
	b.SetGenHeader("X-Auto-Response-Suppress", "All") // header for Exchange, which ignores Auto-Submitted
	if o.inReplyTo != "" {
		b.SetGenHeader("In-Reply-To", "<"+o.inReplyTo+">")
		b.SetGenHeader("References", "<"+o.inReplyTo+">")
	}
	b.SetBodyString(gomail.TypeTextPlain, text)
	b.AddAlternativeString(gomail.TypeTextHTML, html)
	if w := o.workbook; w.content != nil {
		b.AttachReadSeeker(w.name, bytes.NewReader(w.content), gomail.WithFileContentType(workbookType))
	}
	return b, nil
}
