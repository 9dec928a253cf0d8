package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/highhelp"
)

// payinCmd is the command `hhrecon payin`.
type payinCmd struct {
	Info   payinInfoCmd   `cmd:"" help:"Print HighHelp's answer about a payin."`
	Create payinCreateCmd `cmd:"" help:"Create a payin."`
}

type payinInfoCmd struct {
	ID      string `arg:"" help:"The payment_id."`
	Project string `help:"The project, if there are several." placeholder:"ID"`
}

func (c *payinInfoCmd) Run(ctx context.Context, a *app) error {
	return a.ask(c.Project, func(client *highhelp.Client) (*highhelp.PayinInfo, error) {
		return client.PayinInfo(ctx, c.ID)
	})
}

type payinCreateCmd struct {
	ID           string `arg:"" help:"The new payment_id, up to 255 characters."`
	Project      string `help:"The project, if there are several." placeholder:"ID"`
	Amount       int64  `required:"" help:"Amount in minor units: 150000 is 1 500.00 KGS." placeholder:"N"`
	Currency     string `default:"KGS" help:"ISO 4217."`
	CustomerID   string `name:"customer-id" required:"" help:"Your id for the customer." placeholder:"ID"`
	CustomerType string `name:"customer-type" help:"Type of customer: ftd or trust."`
	Email        string `help:"The customer's."`
	IPAddress    string `name:"ip-address" help:"The customer's."`
	Country      string `help:"The customer's country, ISO 3166, such as KG."`
	Language     string `help:"The customer's language, ISO 639, such as ky."`
	Lifetime     int64  `help:"Lifetime in seconds, 300 to 600." placeholder:"N"`
	Description  string `help:"Description, up to 255 characters."`
	ExtraParam   string `name:"extra-param" help:"Extra parameter, up to 16 letters, digits, _ or -."`
	WidgetMethod string `name:"widget-method" help:"payin-p2p-card, payin-p2p-phone or payin-qr-link-p2p."`
	BankSymbol   string `name:"bank-symbol" help:"The sender's bank."`
	CallbackURL  string `name:"callback-url" help:"Address for informational alerts." placeholder:"URL"`
	SuccessURL   string `name:"success-callback-url" help:"Address for the success alert." placeholder:"URL"`
	DeclineURL   string `name:"decline-callback-url" help:"Address for the decline alert." placeholder:"URL"`
	RedirectURL  string `name:"redirect-url" help:"Address that the customer returns to." placeholder:"URL"`
}

func (c *payinCreateCmd) Run(ctx context.Context, a *app) error {
	payin := &highhelp.CreatePayin{
		PaymentID: c.ID, Amount: c.Amount, Currency: c.Currency, Lifetime: c.Lifetime, Description: c.Description,
		ExtraParam: c.ExtraParam, WidgetMethod: c.WidgetMethod, BankSymbol: c.BankSymbol,
		CallbackURL: c.CallbackURL, SuccessCallbackURL: c.SuccessURL, DeclineCallbackURL: c.DeclineURL,
		RedirectURL: c.RedirectURL,
		Customer: highhelp.Customer{ID: c.CustomerID, Type: c.CustomerType, Email: c.Email, IPAddress: c.IPAddress,
			Country: c.Country, Language: c.Language},
	}
	return a.ask(c.Project, func(client *highhelp.Client) (*highhelp.PayinInfo, error) {
		created, err := client.CreatePayin(ctx, payin)
		if errors.Is(err, highhelp.ErrInvalidRequest) {
			err = exit.With(exit.Usage, err)
		}
		return created, err
	})
}

// project reads the settings and returns the project with the ID that the user gave.
func (a *app) project(id string) (*config.Settings, config.Project, error) {
	s, err := a.ReadSettings()
	if err != nil {
		return nil, config.Project{}, err
	}
	p, err := s.One(id)
	return s, p, err
}

// ask sends one request for a project and prints the answer.
func (a *app) ask(projectID string, send func(*highhelp.Client) (*highhelp.PayinInfo, error)) error {
	s, p, err := a.project(projectID)
	if err != nil {
		return err
	}
	client, err := a.NewClient(s, p, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	answer, err := send(client)
	if err != nil {
		return p.Cure(err)
	}
	return a.printJSON(answer.Raw)
}

// printJSON prints an answer of HighHelp with indentation.
func (a *app) printJSON(raw []byte) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.Stdout, pretty.String())
	return err
}
