package sandbox

// A Balance is a project's balance in one currency. Amounts are in minor units.
//
// HighHelp API, Balance: info.
type Balance struct {
	Currency     string `json:"currency"`
	Amount       int64  `json:"amount"`
	LockedAmount int64  `json:"locked_amount"`
}

// balance answers with Project.Balances. Payins do not change them.
func (s *Sandbox) balance(q *request) *reply {
	return ok(map[string][]Balance{"balance": append([]Balance{}, q.project.Balances...)}) // [] instead of null
}
