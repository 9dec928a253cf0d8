package highhelp

import (
	"bytes"
	"context"
)

// Balances are a project's balances, one for each currency.
//
// HighHelp API, Balance: info.
type Balances struct {
	Balances []Balance
	Raw      []byte // the answer as received
}

// Balance is a project's balance in one currency. Amounts are in minor units and may be 0.
type Balance struct {
	Currency     string
	Amount       int64
	LockedAmount int64 // 0 if null or missing
}

// Balance reads the project's balance. The call changes nothing, so the client retries it after a temporary error.
//
// Errors: those of [Client.PayinInfo], except ErrNotFound.
//
// HighHelp API, Balance: info.
func (c *Client) Balance(ctx context.Context) (*Balances, error) {
	return ask(ctx, c, &request{
		name: CallBalance, path: PathBalance, readOnly: true,
		body: marshal(infoRequest{generalRequest{ProjectID: c.cfg.ProjectID}}),
	}, ParseBalances)
}

// ParseBalances reads an answer to [Client.Balance]. Errors: those of [ParsePayinInfo].
func ParseBalances(body []byte) (*Balances, error) {
	answer, err := parseObject(body)
	if err != nil {
		return nil, parseError(err, body)
	}
	f := newFields(answer)
	list := answer.get("balance")
	if list.kind != kindArray {
		f.fault("balance", "%s instead of an array", list.kind)
		list.members = nil
	}
	balances := &Balances{Balances: make([]Balance, 0, len(list.members)), Raw: bytes.Clone(body)}
	for _, item := range list.members {
		if item.value.kind != kindObject {
			f.fault("balance", "%s instead of an object", item.value.kind)
			continue
		}
		b := fields{at: "balance", object: item.value, faults: f.faults}
		balances.Balances = append(balances.Balances, Balance{
			Currency:     b.requiredText("currency"),
			Amount:       b.requiredInteger("amount"),
			LockedAmount: b.integer("locked_amount"),
		})
	}
	if err := f.err(); err != nil {
		return nil, parseError(err, body)
	}
	return balances, nil
}
