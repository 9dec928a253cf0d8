package highhelp

import (
	"bytes"
	"context"
)

// CreatePayin is a new payin. Fields marked * must be given; the others are left out
// of the request where they are empty.
//
// HighHelp API, Payin widget: create.
type CreatePayin struct {
	PaymentID          string // * the merchant's own id, 1 to 255 characters
	CallbackURL        string // informative alerts; https, up to 2048 characters
	SuccessCallbackURL string // the alert of a success
	DeclineCallbackURL string // the alert of a decline
	RedirectURL        string // where the customer goes afterwards

	Amount       int64  // * minor units, 1 to 10^13
	Currency     string // * ISO 4217, three capitals
	Lifetime     int64  // seconds, 300 to 600; HighHelp's default is 600
	Description  string // up to 255 characters
	ExtraParam   string // 1 to 16 of A-Z a-z 0-9 _ -
	WidgetMethod string // up to 32 characters: payin-p2p-card, payin-p2p-phone, payin-qr-link-p2p

	BankSymbol string // the sender's bank, up to 32 characters
	Customer   Customer
}

// Customer is who pays.
type Customer struct {
	ID        string // * up to 255 characters
	IPAddress string // up to 255 characters
	Country   string // ISO 3166, two capitals
	Language  string // ISO 639, two small letters
	Type      string // ftd (a first deposit) or trust
	Email     string // up to 255 characters
}

// CreatedPayin is HighHelp's answer to a new payin; it holds no amounts.
//
// HighHelp API, Payin widget: create.
type CreatedPayin struct {
	Status            string
	SubStatus         string
	StatusDescription string
	RequestID         string
	ProjectID         string
	PaymentID         string
	Integration       *Integration // where to send the customer; nil where null or missing
	Raw               []byte       // the answer as received
}

// CreatePayin creates a payin. It is repeated only where HighHelp certainly did not
// process the request: no connection, 429, or 503 with Retry-After. Where it may
// have, the error is also ErrStateUnknown, the context's own end included: ask
// PayinInfo before creating again.
//
// Errors: ErrInvalidRequest names every field that breaks its limit, and nothing was
// sent; the others as for PayinInfo but for ErrNotFound.
//
// HighHelp API, Payin widget: create.
func (c *Client) CreatePayin(ctx context.Context, p *CreatePayin) (*CreatedPayin, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	var created *CreatedPayin
	err := c.call(ctx, &request{
		name: CallCreatePayin, path: PathCreatePayin, paymentID: p.PaymentID,
		body:  marshal(p.wire(c.projectID)),
		parse: func(body []byte) (err error) { created, err = ParseCreatedPayin(body); return err },
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// ParseCreatedPayin reads an answer of [Client.CreatePayin]; errors as [ParsePayinInfo].
func ParseCreatedPayin(body []byte) (*CreatedPayin, error) {
	object, err := parseObject(body)
	if err != nil {
		return nil, parseError(err, body)
	}
	f := newFields(object)
	created := &CreatedPayin{
		Status:            f.needText("status"),
		SubStatus:         f.text("sub_status"),
		StatusDescription: f.text("status_description"),
		RequestID:         f.text("request_id"),
		ProjectID:         f.text("project_id"),
		PaymentID:         f.text("payment_id"),
		Integration:       integration(f),
		Raw:               bytes.Clone(body),
	}
	if err := f.err(); err != nil {
		return nil, parseError(err, body)
	}
	return created, nil
}

// wireCreate is the request's body. omitempty everywhere that is optional: a null
// would be signed as a word that is open.
type wireCreate struct {
	General struct {
		generalRequest
		CallbackURL        string `json:"merchant_callback_url,omitempty"`
		SuccessCallbackURL string `json:"merchant_success_callback_url,omitempty"`
		DeclineCallbackURL string `json:"merchant_decline_callback_url,omitempty"`
		RedirectURL        string `json:"redirect_url,omitempty"`
	} `json:"general"`
	Payment struct {
		Amount       int64  `json:"amount"`
		Currency     string `json:"currency"`
		Lifetime     int64  `json:"lifetime,omitempty"`
		Description  string `json:"description,omitempty"`
		ExtraParam   string `json:"extra_param,omitempty"`
		WidgetMethod string `json:"widget_method,omitempty"`
	} `json:"payment"`
	Sender struct {
		BankSymbol string `json:"bank_symbol,omitempty"`
	} `json:"sender,omitzero"`
	Customer struct {
		ID        string `json:"id"`
		IPAddress string `json:"ip_address,omitempty"`
		Country   string `json:"country,omitempty"`
		Language  string `json:"language,omitempty"`
		Type      string `json:"customer_type,omitempty"`
		Email     string `json:"email,omitempty"`
	} `json:"customer"`
}

func (p *CreatePayin) wire(projectID string) *wireCreate {
	w := &wireCreate{}
	w.General.ProjectID, w.General.PaymentID = projectID, p.PaymentID
	w.General.CallbackURL, w.General.RedirectURL = p.CallbackURL, p.RedirectURL
	w.General.SuccessCallbackURL, w.General.DeclineCallbackURL = p.SuccessCallbackURL, p.DeclineCallbackURL
	w.Payment.Amount, w.Payment.Currency, w.Payment.Lifetime = p.Amount, p.Currency, p.Lifetime
	w.Payment.Description, w.Payment.ExtraParam, w.Payment.WidgetMethod = p.Description, p.ExtraParam, p.WidgetMethod
	w.Sender.BankSymbol = p.BankSymbol
	w.Customer.ID, w.Customer.IPAddress, w.Customer.Country = p.Customer.ID, p.Customer.IPAddress, p.Customer.Country
	w.Customer.Language, w.Customer.Type, w.Customer.Email = p.Customer.Language, p.Customer.Type, p.Customer.Email
	return w
}
