package highhelp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
)

// URL paths of the endpoints.
const (
	PathCreatePayin = "/api/v1/widget/payin"
	PathPayinInfo   = "/api/v1/widget/payin/info"
	PathBalance     = "/api/v1/balance/info"
)

// PayinInfo is the state of one payin. A string that is null or missing in the answer is "".
//
// HighHelp API, Payin widget: info.
type PayinInfo struct {
	Status            string // usually one of KnownStatus, but other values are possible
	SubStatus         string // usually one of KnownSubStatus, but HighHelp may add values at any time
	StatusDescription string // text for people; programs must not depend on this text
	RequestID         string
	ProjectID         string
	PaymentID         string
	PaymentInfo       *PaymentInfo // nil if null or missing
	Integration       *Integration // nil if null or missing
	Raw               []byte       // the answer as received
}

// PaymentInfo has the amounts and properties of a payin. Amounts are in minor units, exactly as HighHelp wrote them,
// and are not checked for their range. A number that is null or missing is 0.
type PaymentInfo struct {
	Amount         int64 // the amount that the customer paid, according to HighHelp
	OldAmount      int64 // the amount before the latest change; may equal Amount although the amount changed earlier
	InitialAmount  int64 // the amount when the payin was created
	Currency       string
	Lifetime       int64 // seconds
	ExpirationDate int64 // Unix seconds
	CreatedDate    int64 // Unix seconds; only in alerts
	UpdatedDate    int64 // Unix seconds; only in alerts
	Method         string
	WidgetMethod   string
	Type           string // payin
}

// Integration contains the URLs of the pages that the customer visits.
type Integration struct {
	FormURL     string
	RedirectURL string
}

// PayinInfo reads the state of one payin. paymentID is the merchant's ID, 1 to 255 characters. The call
// changes nothing, so the client retries it after a temporary error. The caller must compare the IDs in the
// answer with the request.
//
// Errors: all errors of this package except ErrStateUnknown and ErrBadSignature. ErrNotFound means that HighHelp does
// not know the payin.
//
// HighHelp API, Payin widget: info.
func (c *Client) PayinInfo(ctx context.Context, paymentID string) (*PayinInfo, error) {
	if err := checkPaymentID(paymentID); err != nil {
		return nil, err
	}
	return ask(ctx, c, &request{
		name: CallPayinInfo, path: PathPayinInfo, paymentID: paymentID, readOnly: true, asksPayin: true,
		body: marshal(infoRequest{generalRequest{ProjectID: c.cfg.ProjectID, PaymentID: paymentID}}),
	}, ParsePayinInfo)
}

// ParsePayinInfo parses a stored answer in the same way as [Client.PayinInfo]. Only status is required.
//
// Errors: ErrUnreachable if the body is not JSON. ErrMalformed if the JSON does not have the documented form, for
// example if a key is duplicate, or an amount is a float, a string or too large.
//
// HighHelp API, Payin widget: info.
func ParsePayinInfo(body []byte) (*PayinInfo, error) { return parsePayin(body, true) }

// parsePayin parses the answer of a payin endpoint. The answer to a create request has no payment_info.
func parsePayin(body []byte, withPaymentInfo bool) (*PayinInfo, error) {
	object, err := parseObject(body)
	if err != nil {
		return nil, parseError(err, body)
	}
	f := newFields(object)
	info := &PayinInfo{
		Status:            f.requiredText("status"),
		SubStatus:         f.text("sub_status"),
		StatusDescription: f.freeText("status_description"),
		RequestID:         f.text("request_id"),
		ProjectID:         f.text("project_id"),
		PaymentID:         f.text("payment_id"),
		Raw:               bytes.Clone(body),
	}
	if withPaymentInfo {
		info.PaymentInfo = paymentInfo(f)
	}
	info.Integration = integration(f)
	if err := f.err(); err != nil {
		return nil, parseError(err, body)
	}
	return info, nil
}

func paymentInfo(f fields) *PaymentInfo {
	p, ok := f.nested("payment_info")
	if !ok {
		return nil
	}
	return &PaymentInfo{
		Amount:         p.integer("amount"),
		OldAmount:      p.integer("old_amount"),
		InitialAmount:  p.integer("initial_amount"),
		Currency:       p.text("currency"),
		Lifetime:       p.integer("lifetime"),
		ExpirationDate: p.integer("expiration_date"),
		CreatedDate:    p.integer("created_date"),
		UpdatedDate:    p.integer("updated_date"),
		Method:         p.freeText("method"),
		WidgetMethod:   p.freeText("widget_method"),
		Type:           p.text("type"),
	}
}

func integration(f fields) *Integration {
	i, ok := f.nested("integration")
	if !ok {
		return nil
	}
	return &Integration{FormURL: i.freeText("form_url"), RedirectURL: i.freeText("redirect_url")}
}

// parseError returns the Error for an answer that parseObject or fields rejected.
func parseError(err error, body []byte) *Error {
	if errors.Is(err, errNoJSON) {
		return answerError(ErrUnreachable, err, body)
	}
	return answerError(ErrMalformed, err, body)
}

type generalRequest struct {
	ProjectID string `json:"project_id"`
	PaymentID string `json:"payment_id,omitempty"`
}

type infoRequest struct {
	General generalRequest `json:"general"`
}

// marshal returns a request's body as JSON without escaping characters such as &. marshal cannot fail for the structs
// of this package.
func marshal(value any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic("highhelp: marshal request: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
