package highhelp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Alert is a message of HighHelp's about one payin. A text that is null or missing
// is "". It says that something happened: confirm through [Client.PayinInfo] before
// anything changes.
//
// HighHelp API, Alerts.
type Alert struct {
	ProjectID         string
	RequestID         string       // general.request_id
	PaymentID         string       // general.payment_id
	Status            string       // status.status
	SubStatus         string       // status.sub_status
	StatusDescription string       // status.status_description; for people
	PaymentInfo       *PaymentInfo // with CreatedDate and UpdatedDate; nil where null or missing
	Raw               []byte       // the body as received
}

// ParseAlert reads an alert's body; whether it is genuine is for [VerifyAlert] to say.
// project_id, general.payment_id and status.status must be there. The error is
// ErrMalformed.
//
// HighHelp API, Alerts.
func ParseAlert(body []byte) (*Alert, error) {
	object, err := parseObject(body)
	if err != nil {
		return nil, fmt.Errorf("alert: %w", answerError(ErrMalformed, err, body))
	}
	f := newFields(object)
	alert := readAlert(f)
	if err := f.err(); err != nil {
		return nil, fmt.Errorf("alert: %w", answerError(ErrMalformed, err, body))
	}
	alert.Raw = bytes.Clone(body)
	return alert, nil
}

// AlertPaymentID is the payment_id of an alert that [ParseAlert] refuses, or "" if it cannot be read.
func AlertPaymentID(body []byte) string {
	object, err := parseObject(body)
	if err != nil {
		return ""
	}
	return readAlert(newFields(object)).PaymentID
}

func readAlert(f fields) *Alert {
	general, _ := f.nested("general")
	status, _ := f.nested("status")
	return &Alert{
		ProjectID:         f.requiredText("project_id"),
		RequestID:         general.text("request_id"),
		PaymentID:         general.requiredText("payment_id"),
		Status:            status.requiredText("status"),
		SubStatus:         status.text("sub_status"),
		StatusDescription: status.freeText("status_description"),
		PaymentInfo:       paymentInfo(f),
	}
}

// signedText is the text that an alert's signature covers, without the timestamp. A body of which another body, with
// other members that we read, has the same text is an error: its signature does not prove what it says.
func signedText(body []byte, null string) (string, error) {
	object, err := parseObject(body)
	if err != nil {
		return "", err
	}
	lines, err := object.lines(null)
	if err != nil {
		return "", err
	}
	if object.hasOddName() {
		return "", errors.New("a member's name holds a : or ;")
	}
	if canCut(lines) {
		return "", errors.New("a value holds what reads as another member")
	}
	f := newFields(object)
	alert := readAlert(f)
	for _, fault := range *f.faults {
		if _, ok := errors.AsType[kindError](fault); ok {
			return "", fault
		}
	}
	for _, id := range []string{alert.ProjectID, alert.RequestID, alert.PaymentID} {
		if strings.ContainsFunc(id, func(r rune) bool { return r == ':' || r == ';' || unicode.IsControl(r) }) {
			return "", fmt.Errorf("the id %.40q holds a : or ; or a control character", id)
		}
	}
	for _, text := range []string{alert.ProjectID, alert.RequestID, alert.PaymentID, alert.Status, alert.SubStatus} {
		if text != "" && text == null {
			return "", fmt.Errorf("the text %q reads as a null", text)
		}
	}
	return strings.Join(lines, ";"), nil
}

func (v value) hasOddName() bool {
	return slices.ContainsFunc(v.members, func(m member) bool {
		return strings.ContainsAny(m.key, ":;") || m.value.hasOddName()
	})
}

// canCut tells whether a line can be cut into two at a ";" in it, with all lines still sorted: then a body with one
// member more has the same text. In every body whose value stands for further members, a line can be cut.
func canCut(lines []string) bool {
	for i, line := range lines {
		for at := range len(line) {
			if line[at] != ';' {
				continue
			}
			next, _, _ := strings.Cut(line[at+1:], ";")
			if strings.Contains(next, ":") && next >= line[:at] && (i == len(lines)-1 || next <= lines[i+1]) {
				return true
			}
		}
	}
	return false
}

// Digest is the SHA-256 of a text, in hex.
func Digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
