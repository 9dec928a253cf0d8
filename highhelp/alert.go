package highhelp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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

	// RecipientRequisites come, masked, only with processing:awaiting_confirm and
	// processing:paid; their form is open, so they stay JSON. nil where null or missing.
	RecipientRequisites json.RawMessage
	PaymentSystem       json.RawMessage // nil where null or missing

	Raw []byte // the body as received
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
	general, _ := f.inner("general")
	status, _ := f.inner("status")
	alert := &Alert{
		ProjectID:         f.needText("project_id"),
		RequestID:         general.text("request_id"),
		PaymentID:         general.needText("payment_id"),
		Status:            status.needText("status"),
		SubStatus:         status.text("sub_status"),
		StatusDescription: status.text("status_description"),
		PaymentInfo:       paymentInfo(f),
		Raw:               bytes.Clone(body),
	}
	if err := errors.Join(f.err(), alert.readOpen(body)); err != nil {
		return nil, fmt.Errorf("alert: %w", answerError(ErrMalformed, err, body))
	}
	return alert, nil
}

// readOpen keeps the members whose form is open, as they were written.
func (a *Alert) readOpen(body []byte) error {
	var members map[string]json.RawMessage // a map: its keys match exactly
	if err := json.Unmarshal(body, &members); err != nil {
		return err
	}
	keep := func(key string) json.RawMessage {
		if value := members[key]; string(value) != "null" {
			return value
		}
		return nil
	}
	a.RecipientRequisites, a.PaymentSystem = keep("recipient_requisites"), keep("payment_system")
	return nil
}

// IdempotencyKey is HighHelp's own key of an alert: project:payment:status:sub_status.
// A null sub_status is written as nothing, so the key of a success ends with ":". It
// holds no amount: the same key with another PaymentInfo is a new version, no duplicate.
//
// HighHelp API, Alerts: duplicates.
func (a Alert) IdempotencyKey() string {
	return strings.Join([]string{a.ProjectID, a.PaymentID, a.Status, a.SubStatus}, ":")
}

// Version tells versions under one IdempotencyKey apart: a digest of payment_info, in which neither the order of
// its members nor white space counts.
func (a Alert) Version() string {
	object, err := parseObject(a.Raw)
	if err != nil {
		return Digest(a.Raw) // no alert of ParseAlert's
	}
	canonical, err := json.Marshal(object.get("payment_info").plain()) // writes keys in their order, and numbers as they were written
	if err != nil {
		return Digest(a.Raw)
	}
	return Digest(canonical)
}

// plain is a value as encoding/json would have read it, with numbers as they were written.
func (v value) plain() any {
	switch v.kind {
	case kindText:
		return v.text
	case kindNumber:
		return json.Number(v.text)
	case kindTrue, kindFalse:
		return v.kind == kindTrue
	case kindArray:
		list := make([]any, len(v.members))
		for i, m := range v.members {
			list[i] = m.value.plain()
		}
		return list
	case kindObject:
		members := make(map[string]any, len(v.members))
		for _, m := range v.members {
			members[m.key] = m.value.plain()
		}
		return members
	}
	return nil
}

// Digest is the SHA-256 of a text, in hex.
func Digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
