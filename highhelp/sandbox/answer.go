package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// answer is the JSON body that HighHelp returns for payin or payin/info. A member of the type field can be missing or
// null, because HighHelp may send both forms. A quirk selects one form.
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
	Amount         any    `json:"amount"` // int64, unless a quirk changes the type
	OldAmount      int64  `json:"old_amount"`
	InitialAmount  int64  `json:"initial_amount"`
	Currency       string `json:"currency"`
	Lifetime       int64  `json:"lifetime"`
	ExpirationDate field  `json:"expiration_date,omitzero"`
	UpdatedDate    int64  `json:"updated_date,omitempty"` // only in alerts
	CreatedDate    int64  `json:"created_date,omitempty"` // only in alerts
	Method         field  `json:"method,omitzero"`
	WidgetMethod   field  `json:"widget_method,omitzero"`
	PaymentSystem  field  `json:"payment_system,omitzero"` // only in alerts of a decline, and always null
	Type           string `json:"type"`
}

type integration struct {
	FormURL     string `json:"form_url"`
	RedirectURL field  `json:"redirect_url"`
}

// A field is a JSON value that can be null or missing.
type field struct {
	value   any
	missing bool
}

var missing = field{missing: true}

// IsZero makes the option omitzero omit a missing field.
func (f field) IsZero() bool { return f.missing }

func (f field) MarshalJSON() ([]byte, error) { return json.Marshal(f.value) }

// orNull returns the text, or null if the text is empty.
func orNull(text string) field {
	if text == "" {
		return field{}
	}
	return field{value: text}
}

// createAnswer returns the answer to a create request, without payment_info.
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

// infoAnswer returns the answer with the payin's state, changed by the payin's quirks.
func (p Payin) infoAnswer() answer {
	a := p.createAnswer()
	a.PaymentInfo = field{value: p.info()}
	applied, _ := quirksOf(p.Quirk) // the method complete has already checked the names
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

// A reply is a complete HTTP response. A fault may change the reply before the sandbox sends it.
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

// refuse returns a JSON body with an error that describes the invalid part of the request. HighHelp does not document
// the form of errors, except that an error may have a status_description.
func refuse(code int, format string, args ...any) *reply {
	// Marshal cannot fail for a map of strings.
	raw, _ := json.Marshal(map[string]string{"status": "error", "status_description": fmt.Sprintf(format, args...)})
	return &reply{code: code, body: raw}
}
