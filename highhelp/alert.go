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

// Alert is a message from HighHelp about one payin. A string that is null or missing is "". Before you change a payin,
// confirm the alert with [Client.PayinInfo].
//
// HighHelp API, Alerts.
type Alert struct {
	ProjectID         string
	RequestID         string       // general.request_id
	PaymentID         string       // general.payment_id
	Status            string       // status.status
	SubStatus         string       // status.sub_status
	StatusDescription string       // status.status_description; for people
	PaymentInfo       *PaymentInfo // with CreatedDate and UpdatedDate; nil if null or missing
	Raw               []byte       // the body as received
}

// ParseAlert reads an alert's body. Call [VerifyAlert] first, because ParseAlert does not prove who sent the alert.
// project_id, general.payment_id and status.status are required. Errors: ErrMalformed.
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

// AlertPaymentID returns the payment_id of an alert that [ParseAlert] rejects, or "" if the payment_id cannot be read.
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

// signedText returns the text of a body that HighHelp signs, without the timestamp. signedText rejects an ambiguous
// body, because the signature of such a body does not prove its values. A body is ambiguous if another body with other
// values has the same text.
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
		return "", errors.New("the name of a JSON field contains a : or ;")
	}
	if canCut(lines) {
		return "", errors.New("a value contains text that could be another JSON field")
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
			return "", fmt.Errorf("the id %.40q contains a : or ; or a control character", id)
		}
	}
	for _, text := range []string{alert.ProjectID, alert.RequestID, alert.PaymentID, alert.Status, alert.SubStatus} {
		if text != "" && text == null {
			return "", fmt.Errorf("the text %q could be a JSON null", text)
		}
	}
	return strings.Join(lines, ";"), nil
}

func (v value) hasOddName() bool {
	return slices.ContainsFunc(v.members, func(m member) bool {
		return strings.ContainsAny(m.key, ":;") || m.value.hasOddName()
	})
}

// canCut reports whether a line can be split at a ";" while all lines stay in order. If a line can be split, a body
// with one more member has the same text. If a value contains text in the form of further members, the line of the
// value can always be split.
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

// Digest returns the SHA-256 of a text in hexadecimal.
func Digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
