package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"
)

// Fate is what became of a message.
type SendStatus string

// The fates.
const (
	Taken   SendStatus = "taken"   // the server took it
	Later   SendStatus = "later"   // it was not taken, and may be tried again
	Refused SendStatus = "refused" // the server will not take it, whenever it is tried
	Unknown SendStatus = "unknown" // all of it was handed over, and no answer came: it may have arrived
)

// Result is how a try ended.
type SendResult struct {
	Status SendStatus
	Err    error // nil where it was taken
	// Settings says that nothing gets through until a setting is mended: sign-in, certificate, encryption. Such a message
	// is kept, since it is not the message that was refused: a wrong password must not lose a night's reports.
	Settings bool
	// Unmade says that there is no message: its workbook could not be made, or does not tie.
	Unmade bool
	// TooLarge says that the server refused it for its size.
	TooLarge bool
}

// send tries once. It ends within the server's limits, whatever the server does.
func (s *Server) send(ctx context.Context, m *gomail.Msg) SendResult {
	c, err := s.open(ctx)
	if err != nil {
		return SendResult{Status: Later, Err: err, Settings: !isTransient(err)}
	}
	err = c.send(ctx, s, m)
	if err == nil || m.IsDelivered() {
		_ = c.quit() // it has the message
		return SendResult{Status: Taken}
	}
	c.drop()
	return resultOf(err)
}

// judge tells by the stage that a try came to, and by the server's answer, whether the message may have arrived.
func resultOf(err error) SendResult {
	r := SendResult{Status: Later, Err: err}
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return r
	}
	code := failed.ErrorCode() // 0: it was no answer of the server's
	switch failed.Reason {
	case gomail.ErrSMTPMailFrom, gomail.ErrSMTPRcptTo, gomail.ErrSMTPData:
	case gomail.ErrSMTPDataClose: // the message was handed over to its end
		if code == 0 {
			r.Status = Unknown
		}
	default: // ErrWriteContent above all: without its end, the server must drop what it has
		return r
	}
	switch {
	case wantsSignIn(code):
		r.Settings = true
	case code >= 500:
		r.Status, r.TooLarge = Refused, code == tooLarge
	}
	return r
}

// tooLarge is "exceeded storage allocation": the message, or the mailbox, see RFC 5321 and RFC 1870.
const tooLarge = 552

// wantsSignIn tells answers that are about how we signed in, and not about the message, see RFC 4954.
func wantsSignIn(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// passing tells faults of the moment, before any message, from those of settings: a server that cannot be reached or
// says 4xx will do so again; one that refuses the password will not, nor will its certificate get valid.
func isTransient(err error) bool {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code < 500
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.Canceled)
}
