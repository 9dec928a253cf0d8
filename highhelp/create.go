package highhelp

import "context"

// CreatePayin is a new payin. Fields marked with * are required. Empty optional fields are omitted from the request.
//
// HighHelp API, Payin widget: create.
type CreatePayin struct {
	PaymentID          string // * the merchant's own ID, 1 to 255 characters
	CallbackURL        string // receives informative alerts; https, up to 2048 characters
	SuccessCallbackURL string // receives alerts of a success
	DeclineCallbackURL string // receives alerts of a decline
	RedirectURL        string // URL that the customer's browser opens after the payment

	Amount       int64  // * in minor units, 1 to 10^13
	Currency     string // * ISO 4217, three capitals
	Lifetime     int64  // in seconds, 300 to 600; HighHelp's default is 600
	Description  string // up to 255 characters
	ExtraParam   string // 1 to 16 of A-Z a-z 0-9 _ -
	WidgetMethod string // up to 32 characters: payin-p2p-card, payin-p2p-phone, payin-qr-link-p2p

	BankSymbol string // the sender's bank, up to 32 characters
	Customer   Customer
}

// Customer is the person who pays.
type Customer struct {
	ID        string `json:"id"`                      // * up to 255 characters
	IPAddress string `json:"ip_address,omitempty"`    // up to 255 characters
	Country   string `json:"country,omitempty"`       // ISO 3166, two capitals
	Language  string `json:"language,omitempty"`      // ISO 639, two small letters
	Type      string `json:"customer_type,omitempty"` // ftd (a first deposit) or trust
	Email     string `json:"email,omitempty"`         // up to 255 characters
}

// CreatePayin creates a payin. The answer contains no amounts, so PaymentInfo is nil. The call is retried only if
// HighHelp certainly did not process the request: without a connection, after 429, or after 503 with Retry-After. If
// HighHelp may have processed the request, the error is also ErrStateUnknown, even if the context ended. In this case,
// call PayinInfo before you create the payin again.
//
// The error ErrInvalidRequest lists every invalid field, and no request was sent. The other errors are those of
// PayinInfo, except ErrNotFound.
//
// HighHelp API, Payin widget: create.
func (c *Client) CreatePayin(ctx context.Context, p *CreatePayin) (*PayinInfo, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return ask(ctx, c, &request{
		name: CallCreatePayin, path: PathCreatePayin, paymentID: p.PaymentID, body: marshal(p.request(c.cfg.ProjectID)),
	}, func(body []byte) (*PayinInfo, error) { return parsePayin(body, false) })
}

// createRequest is the request's body. Empty optional fields are omitted, since HighHelp does not document how a null
// is signed.
type createRequest struct {
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
	Customer Customer `json:"customer"`
}

func (p *CreatePayin) request(projectID string) *createRequest {
	w := &createRequest{Customer: p.Customer}
	w.General.ProjectID, w.General.PaymentID = projectID, p.PaymentID
	w.General.CallbackURL, w.General.RedirectURL = p.CallbackURL, p.RedirectURL
	w.General.SuccessCallbackURL, w.General.DeclineCallbackURL = p.SuccessCallbackURL, p.DeclineCallbackURL
	w.Payment.Amount, w.Payment.Currency, w.Payment.Lifetime = p.Amount, p.Currency, p.Lifetime
	w.Payment.Description, w.Payment.ExtraParam, w.Payment.WidgetMethod = p.Description, p.ExtraParam, p.WidgetMethod
	w.Sender.BankSymbol = p.BankSymbol
	return w
}
