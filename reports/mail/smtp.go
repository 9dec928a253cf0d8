package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"
)

// SendStatus is the result of an attempt to send a message.
type SendStatus string

// These are the results of an attempt to send a message.
const (
	Taken   SendStatus = "taken"   // the server accepted the message
	Later   SendStatus = "later"   // the server did not accept the message, but a retry may succeed
	Refused SendStatus = "refused" // the server refused the message permanently
	Unknown SendStatus = "unknown" // the message was sent but the server did not answer, so it may have arrived
)

// SendResult is the result of an attempt with its details.
type SendResult struct {
	Status SendStatus
	Err    error // nil if the server accepted the message
	// Settings means that no message can be sent until a person corrects the sign-in, certificate or encryption settings.
	// The delivery is retried, because the message itself was not refused.
	Settings bool
	// Unmade means that hhrecon could not write the message, for example because the workbook's totals do not agree.
	Unmade bool
	// TooLarge means that the server refused the message because of its size.
	TooLarge bool
}

// send makes one attempt to send a message, and ends within the server's time limits.
func (s *Server) send(ctx context.Context, m *gomail.Msg) SendResult {
	c, err := s.open(ctx)
	if err != nil {
		return SendResult{Status: Later, Err: err, Settings: !isTransient(err)}
	}
	err = c.send(ctx, s, m)
	if err == nil || m.IsDelivered() {
		_ = c.quit() // the server has the message
		return SendResult{Status: Taken}
	}
	c.drop()
	return resultOf(err)
}

// resultOf returns the result of a failed attempt. The result depends on the stage at which the attempt failed and on
// the server's answer.
func resultOf(err error) SendResult {
	r := SendResult{Status: Later, Err: err}
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return r
	}
	code := failed.ErrorCode() // 0 means that the server did not answer
	switch failed.Reason {
	case gomail.ErrSMTPMailFrom, gomail.ErrSMTPRcptTo, gomail.ErrSMTPData:
	case gomail.ErrSMTPDataClose: // the complete message was sent
		if code == 0 {
			r.Status = Unknown
		}
	default: // for example ErrWriteContent, because the server must drop an incomplete message
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

// tooLarge is the SMTP code "exceeded storage allocation" for a message or a mailbox. See RFC 5321 and RFC 1870.
const tooLarge = 552

// wantsSignIn reports whether an answer is about authentication and not about the message. See RFC 4954.
func wantsSignIn(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// isTransient reports whether an error before the message is sent may be temporary. An unreachable server and a 4xx
// answer are temporary errors. A refused password and an invalid certificate are permanent errors.
func isTransient(err error) bool {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code < 500
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.Canceled)
}
