package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// An answer is the body of payin and payin/info. Fields that HighHelp may leave out or send as null are
// of type field, so that a quirk can do either.
type answer struct {
	Status            string         `json:"status"`
	SubStatus         field          `json:"sub_status,omitzero"`
	StatusDescription field          `json:"status_description,omitzero"`
	RequestID         string         `json:"request_id"`
	ProjectID         string         `json:"project_id"`
	PaymentID         string         `json:"payment_id"`
	PaymentInfo       field          `json:"payment_info,omitzero"`
	Integration       field          `json:"integration,omitzero"`
	Extra             map[string]any `json:"x_unknown,omitempty"`
}

type paymentInfo struct {
	Amount         any    `json:"amount"` // int64, unless a quirk says otherwise
	OldAmount      int64  `json:"old_amount"`
	InitialAmount  int64  `json:"initial_amount"`
	Currency       string `json:"currency"`
	Lifetime       int64  `json:"lifetime"`
	ExpirationDate field  `json:"expiration_date,omitzero"`
	UpdatedDate    int64  `json:"updated_date,omitempty"` // alerts only
	CreatedDate    int64  `json:"created_date,omitempty"` // alerts only
	Method         field  `json:"method,omitzero"`
	WidgetMethod   field  `json:"widget_method,omitzero"`
	PaymentSystem  field  `json:"payment_system,omitzero"` // alerts of a decline only, null
	Type           string `json:"type"`
}

type integration struct {
	FormURL     string `json:"form_url"`
	RedirectURL field  `json:"redirect_url"`
}

// A field is a JSON value that can be missing as well as null.
type field struct {
	value   any
	missing bool
}

var missing = field{missing: true}

// IsZero makes omitzero leave the field out.
func (f field) IsZero() bool { return f.missing }

func (f field) MarshalJSON() ([]byte, error) { return json.Marshal(f.value) }

// orNull is the text, or null where there is none.
func orNull(text string) field {
	if text == "" {
		return field{}
	}
	return field{value: text}
}

// createAnswer tells what creation made. It has no payment_info.
func (p Payin) createAnswer() answer {
	return answer{
		Status:            p.Status,
		SubStatus:         orNull(p.SubStatus),
		StatusDescription: orNull(p.StatusDescription),
		RequestID:         p.RequestID,
		ProjectID:         p.ProjectID,
		PaymentID:         p.PaymentID,
		PaymentInfo:       missing,
		Integration:       field{value: integration{p.formURL(), orNull(p.Callbacks.Redirect)}},
	}
}

// infoAnswer tells the payin's state, with its quirks.
func (p Payin) infoAnswer() answer {
	a := p.createAnswer()
	a.PaymentInfo = field{value: p.info()}
	applied, _ := quirksOf(p.Quirk) // names were checked when the payin was put
	for _, quirk := range applied {
		quirk(&a)
	}
	return a
}

func (p Payin) info() *paymentInfo {
	return &paymentInfo{
		Amount:         p.Amount,
		OldAmount:      p.OldAmount,
		InitialAmount:  p.InitialAmount,
		Currency:       p.Currency,
		Lifetime:       p.Lifetime,
		ExpirationDate: field{value: p.ExpirationDate.Unix()},
		Method:         orNull(p.Method),
		WidgetMethod:   orNull(p.WidgetMethod),
		PaymentSystem:  missing,
		Type:           p.Type,
	}
}

// A reply is an HTTP answer that is ready to be written, so that faults can still spoil it.
type reply struct {
	code   int
	header map[string]string
	body   []byte
}

func ok(body any) *reply {
	raw, err := json.Marshal(body)
	if err != nil {
		return refuse(http.StatusInternalServerError, "answer: %v", err)
	}
	return &reply{code: http.StatusOK, body: raw}
}

// refuse is an error in JSON that says exactly what was wrong. Nothing is known of the shape
// of HighHelp's own errors, beyond that a status_description may be there.
func refuse(code int, format string, args ...any) *reply {
	// Strings always marshal.
	raw, _ := json.Marshal(map[string]string{"status": "error", "status_description": fmt.Sprintf(format, args...)})
	return &reply{code: code, body: raw}
}
