package highhelp

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The documented limits of a payin. Lengths are in characters.
//
// HighHelp API, Payin widget: create.
const (
	MaxAmount   = 10_000_000_000_000 // minor units
	MinLifetime = 300                // seconds
	MaxLifetime = 600                // seconds

	maxID    = 255
	maxURL   = 2048
	maxShort = 32
)

var (
	currencyForm   = regexp.MustCompile(`^[A-Z]{3}$`)
	extraParamForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)
	countryForm    = regexp.MustCompile(`^[A-Z]{2}$`)
	languageForm   = regexp.MustCompile(`^[a-z]{2}$`)
	customerForm   = regexp.MustCompile(`^(ftd|trust)$`)
)

// Validate checks all fields against their documented limits. The error is ErrInvalidRequest, and lists the invalid
// fields with their limits and values.
//
// HighHelp API, Payin widget: create.
func (p *CreatePayin) Validate() error {
	if p == nil {
		return fmt.Errorf("%w: the payin is nil", ErrInvalidRequest)
	}
	var c checks
	c.text("general.payment_id", p.PaymentID, 1, maxID)
	c.link("general.merchant_callback_url", p.CallbackURL)
	c.link("general.merchant_success_callback_url", p.SuccessCallbackURL)
	c.link("general.merchant_decline_callback_url", p.DeclineCallbackURL)
	c.link("general.redirect_url", p.RedirectURL)
	if p.Amount < 1 || p.Amount > MaxAmount {
		c.fault("payment.amount must be 1 to %d minor units, got %d", MaxAmount, p.Amount)
	}
	if !currencyForm.MatchString(p.Currency) {
		c.fault("payment.currency must be three capital letters, got %.20q", p.Currency)
	}
	if p.Lifetime != 0 && (p.Lifetime < MinLifetime || p.Lifetime > MaxLifetime) {
		c.fault("payment.lifetime must be %d to %d seconds, got %d", MinLifetime, MaxLifetime, p.Lifetime)
	}
	c.text("payment.description", p.Description, 0, maxID)
	c.form("payment.extra_param", p.ExtraParam, extraParamForm, "1 to 16 of A-Z, a-z, 0-9, _ and -")
	c.text("payment.widget_method", p.WidgetMethod, 0, maxShort)
	c.text("sender.bank_symbol", p.BankSymbol, 0, maxShort)
	c.text("customer.id", p.Customer.ID, 1, maxID)
	c.text("customer.ip_address", p.Customer.IPAddress, 0, maxID)
	c.form("customer.country", p.Customer.Country, countryForm, "two capital letters")
	c.form("customer.language", p.Customer.Language, languageForm, "two small letters")
	c.form("customer.customer_type", p.Customer.Type, customerForm, "ftd or trust")
	c.text("customer.email", p.Customer.Email, 0, maxID)
	return c.err()
}

func checkPaymentID(id string) error {
	var c checks
	c.text("general.payment_id", id, 1, maxID)
	return c.err()
}

// checks collects the errors of all fields. Validate joins them into one error.
type checks []error

func (c *checks) fault(format string, args ...any) {
	*c = append(*c, fmt.Errorf(format, args...))
}

func (c *checks) err() error {
	if len(*c) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrInvalidRequest, oneLine(*c))
}

// text checks the length of a text in characters. All characters are allowed except NUL, which no database column
// accepts.
func (c *checks) text(field, value string, least, most int) {
	if !utf8.ValidString(value) {
		c.fault("%s must be UTF-8, got %.40q", field, value)
		return
	}
	if strings.ContainsRune(value, 0) {
		c.fault("%s must not contain a NUL character, got %.40q", field, value)
	}
	if n := utf8.RuneCountInString(value); n < least || n > most {
		c.fault("%s must have %d to %d characters, got %d", field, least, most, n)
	}
}

// form checks an optional field against a regular expression.
func (c *checks) form(field, value string, form *regexp.Regexp, words string) {
	if value != "" && !form.MatchString(value) {
		c.fault("%s must be %s, got %.40q", field, words, value)
	}
}

func (c *checks) link(field, value string) {
	if value == "" {
		return
	}
	c.text(field, value, 1, maxURL)
	if u, err := url.Parse(value); err != nil || u.Scheme != "https" || u.Host == "" {
		c.fault("%s must be an https:// address, got %.60q", field, value)
	}
}
