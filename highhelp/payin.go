package highhelp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
)

// The paths of the endpoints.
const (
	PathCreatePayin = "/api/v1/widget/payin"
	PathPayinInfo   = "/api/v1/widget/payin/info"
	PathBalance     = "/api/v1/balance/info"
)

// PayinInfo is the state of one payin. A text that HighHelp gave as null or left out
// is "".
//
// HighHelp API, Payin widget: info.
type PayinInfo struct {
	Status            string // see KnownStatus; there may be others
	SubStatus         string // see KnownSubStatus; HighHelp adds some any day
	StatusDescription string // for people; never branch on it
	RequestID         string
	ProjectID         string
	PaymentID         string
	PaymentInfo       *PaymentInfo // nil where null or missing
	Integration       *Integration // nil where null or missing
	Raw               []byte       // the answer as received
}

// PaymentInfo is what a payin is for. Amounts are minor units as HighHelp wrote
// them, out of range or not; a number that is null or missing is 0.
type PaymentInfo struct {
	Amount         int64 // what the customer really paid, as far as HighHelp knows
	OldAmount      int64 // before the latest change, so Amount == OldAmount alone proves nothing
	InitialAmount  int64 // what creation asked for
	Currency       string
	Lifetime       int64 // seconds
	ExpirationDate int64 // Unix seconds
	CreatedDate    int64 // Unix seconds; alerts only
	UpdatedDate    int64 // Unix seconds; alerts only
	Method         string
	WidgetMethod   string
	Type           string // payin
}

// Integration is where the customer goes.
type Integration struct {
	FormURL     string
	RedirectURL string
}

// PayinInfo asks for the state of one payin. paymentID is the merchant's own, of 1 to
// 255 characters. It only reads and is repeated freely. The answer's own ids are not
// compared with what was asked: that is the caller's to judge.
//
// Errors: all of this package but ErrStateUnknown; ErrNotFound where HighHelp does
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

// ParsePayinInfo reads an answer of [Client.PayinInfo], which uses it too, so that
// a stored answer can be judged again. Only status must be there. What is no JSON is
// ErrUnreachable; what is JSON but not as documented (an amount that is a float, a
// text or too large, a repeated key, an array at the top) is ErrMalformed.
//
// HighHelp API, Payin widget: info.
func ParsePayinInfo(body []byte) (*PayinInfo, error) { return parsePayin(body, true) }

// parsePayin reads the answer of either endpoint of payins; creation has no payment_info to read.
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

// parseError is the Error of an answer that parseObject or fields refused.
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

// marshal writes a request's body. Our own structs of texts and numbers always can
// be; characters such as & stay as they are.
func marshal(value any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic("highhelp: a request that is no JSON: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
