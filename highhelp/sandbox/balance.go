package sandbox

// A Balance is a project's balance in one currency. Amounts are in minor units.
//
// HighHelp API, Balance: info.
type Balance struct {
	Currency     string `json:"currency"`
	Amount       int64  `json:"amount"`
	LockedAmount int64  `json:"locked_amount"`
}

// balance returns Project.Balances. Payins do not change these balances.
func (s *Sandbox) balance(q *request) *reply {
	return ok(map[string][]Balance{"balance": append([]Balance{}, q.project.Balances...)}) // an empty list is [], not null
}
