package sandbox

// A Balance is one currency of a register's balance, in minor units.
type Balance struct {
	Currency     string `json:"currency"`
	Amount       int64  `json:"amount"`
	LockedAmount int64  `json:"locked_amount"`
}

// balance answers with what the register was set up with; payins do not move it.
func (s *Sandbox) balance(q *request) *reply {
	return ok(map[string][]Balance{"balance": append([]Balance{}, q.project.Balances...)}) // [] and not null
}
