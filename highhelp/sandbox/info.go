package sandbox

import "net/http"

// info returns the answer with a payin's state, changed by the fault if there is one.
func (s *Sandbox) info(q *request, fault Fault) *reply {
	stored := s.store.payin(key{q.projectID, q.paymentID})
	if stored == nil || fault.Name == "forget" {
		return refuse(http.StatusNotFound, "payment not found: %s", q.paymentID)
	}
	p, _ := stored.at(s.now())
	switch fault.Name {
	case "other_payin":
		p.PaymentID = "OTHER-" + p.PaymentID
		p.RequestID = p.derivedID()
		p.Status, p.SubStatus = "success", ""
	case "changed_amount":
		p.Amount++
		if fault.Amount != 0 {
			p.Amount = fault.Amount
		}
	}
	return ok(p.infoAnswer())
}
