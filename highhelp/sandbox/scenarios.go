package sandbox

import (
	"strings"
	"time"
)

// scenarios are all there are; the first is the everyday one. The weights are those of an ordinary night
// in thousandths of what is left beside plain successes. Unreachable payins have none: each costs a client
// its whole patience, which a hundred of them would turn into hours.
var scenarios = []Scenario{
	define(0, "success", "confirmed", "", "The customer paid what was asked; the merchant did not hear of it."),

	define(200, "pending", "pending", "", "The customer has the requisites and still has time to pay.",
		youth(16, 45), status("processing", "awaiting_confirm"), merchant("processing", "new")),
	define(40, "pending_paid", "pending", "", "The customer says that it is paid, which is no success yet.",
		youth(17, 40), status("processing", "paid"), merchant("pending", "")),
	define(20, "pending_in_grace", "pending", "", "The lifetime is over, the 15 minutes of grace are not.",
		youth(16, -1), status("processing", "awaiting_confirm"), merchant("processing", "awaiting_confirm")),
	define(20, "pending_no_expiration", "pending", "", "No expiration_date: the merchant's own lifetime counts.",
		youth(16, -1), lifetime(600), status("processing", "requisites"), quirk("no_expiration_date"), merchant("pending", "")),
	define(10, "pending_unknown_sub_status", "pending", "", "A processing sub-status that nobody has documented.",
		youth(18, 50), status("processing", "awaiting_manual_review"), merchant("processing", "new")),

	define(230, "no_payment", "timeout", "no_payment", "The customer did not pay within the lifetime.",
		status("dispute", "no_payment")),
	define(60, "confirm_timeout", "timeout", "confirm_timeout", "The confirmation ran out.",
		status("dispute", "confirm_timeout")),
	define(60, "overdue", "timeout", "overdue", "Long expired, and HighHelp never closed it.",
		status("processing", "awaiting_confirm")),
	define(10, "overdue_no_expiration", "timeout", "overdue", "Overdue by the default lifetime: neither side says when it expires.",
		status("processing", "new"), quirk("null_expiration_date"), func(m *maker) { m.sample.Merchant.Lifetime = nil }),
	define(10, "no_payment_known", "timeout", "no_payment", "A time-out that the merchant's row has already.",
		status("dispute", "no_payment"), merchant("dispute", "no_payment")),
	define(15, "timeout_appeal", "timeout", "confirm_timeout appeal", "The confirmation ran out on a payin whose amount an appeal had changed.",
		status("dispute", "confirm_timeout"), amounts(60, 100, 100)),
	define(5, "overdue_reprice", "timeout", "overdue reprice", "Overdue, and its amount was changed after creation.",
		status("processing", "awaiting_confirm"), amounts(90, 90, 100)),

	define(50, "appeal_under", "different_amount", "appeal", "The customer transferred less, and it was credited as that.",
		amounts(70, 100, 100)),
	define(40, "appeal_over", "different_amount", "appeal", "The customer transferred more.",
		amounts(130, 100, 100)),
	define(5, "appeal_small", "different_amount", "appeal", "The customer was one tiyin short.",
		func(m *maker) { m.sample.Gateway.Amount-- }),
	define(20, "reprice", "different_amount", "reprice", "HighHelp changed the amount after creation, so amount and old_amount agree.",
		amounts(95, 95, 100)),
	define(20, "record", "different_amount", "record", "The merchant's row is not what HighHelp was asked for.",
		amounts(110, 110, 110)),
	define(5, "factor_100", "different_amount", "record", "The merchant's row holds major units, a hundredth of the amount.",
		func(m *maker) { row := &m.sample.Merchant; row.Amount = max(row.Amount/100, 1) }, amounts(10_000, 10_000, 10_000)),
	define(40, "provider_flagged", "different_amount", "provider", "HighHelp says different amount, though its amounts all agree.",
		status("dispute", "different_amount")),
	define(40, "provider_appeal", "different_amount", "appeal provider", "HighHelp says different amount, and by how much.",
		status("dispute", "different_amount"), amounts(80, 100, 100)),
	define(10, "appeal_pending", "different_amount", "appeal", "An appeal changed the amount while the payin goes on.",
		youth(16, 45), status("processing", "sent_verification"), amounts(75, 100, 100), merchant("processing", "new")),
	define(5, "all_steps", "different_amount", "appeal record reprice", "Every step from the merchant's amount to the paid one differs.",
		amounts(70, 90, 105)),

	define(10, "disputed_requisites", "disputed", "", "The customer paid to wrong requisites.",
		status("dispute", "incorrect_requisites")),
	define(5, "disputed_payout_failed", "disputed", "", "A dispute of a kind that payins should not have.",
		status("dispute", "payout_failed")),
	define(5, "disputed_unknown", "disputed", "", "A dispute whose sub-status nobody has documented.",
		status("dispute", "fraud_check")),
	define(5, "disputed_bare", "disputed", "", "A dispute without a sub-status.", status("dispute", "")),
	define(5, "disputed_amounts", "disputed", "appeal", "A dispute of another kind, whose amounts differ too.",
		status("dispute", "incorrect_requisites"), amounts(50, 100, 100)),

	define(35, "declined", "declined", "", "HighHelp declined the payin for good.", status("decline", "")),
	define(5, "declined_no_info", "declined", "", "Declined, without payment_info.", status("decline", ""), quirk("no_payment_info")),
	define(5, "declined_cheerful", "declined", "", "Declined, with a text that reads like a success.", status("decline", ""),
		func(m *maker) { m.sample.Gateway.StatusDescription = "Payment success" }),
	define(20, "rejected", "rejected", "", "HighHelp ran into an error of its own.", status("error", "")),
	define(5, "rejected_no_info", "rejected", "", "An error, without payment_info.", status("error", ""), quirk("null_payment_info")),

	define(30, "not_found", "not_found", "", "HighHelp does not know the payin.", unknown),
	define(0, "not_found_422", "not_found", "", "HighHelp does not know it, and says so with 422.",
		unknown, fault(Fault{Name: "status", StatusCode: 422, Description: "Payment not found"})),

	define(0, "unreachable", "unreachable", "", "Every answer about it is a 503.", fault(Fault{Name: "status", StatusCode: 503})),
	define(0, "unreachable_drop", "unreachable", "", "Every connection that asks about it breaks.", fault(Fault{Name: "drop"})),
	define(0, "unreachable_cut", "unreachable", "", "Every answer about it ends half-way.", fault(Fault{Name: "cut"})),
	define(0, "unreachable_no_json", "unreachable", "", "A proxy answers with a page for people.", fault(Fault{Name: "no_json"})),

	define(0, "other_payment_id", "unverifiable", "", "The answer is about another payment.", quirk("other_payment_id")),
	define(0, "other_project_id", "unverifiable", "", "The answer is about another project.", quirk("other_project_id")),
	define(0, "other_currency", "unverifiable", "", "The answer is in another currency.", quirk("other_currency")),
	define(0, "no_payment_info", "unverifiable", "", "A success without payment_info.", quirk("no_payment_info")),
	define(0, "zero_amount", "unverifiable", "", "A success over nothing.", quirk("zero_amount")),
	define(0, "negative_amount", "unverifiable", "", "A negative amount.", quirk("negative_amount")),
	define(0, "excess_amount", "unverifiable", "", "An amount above what HighHelp allows.", quirk("excess_amount")),
	define(0, "type_payout", "unverifiable", "", "The answer is about a payout.", quirk("type_payout")),
	define(0, "unknown_status", "unverifiable", "", "A status that nobody has documented.", quirk("unknown_status")),

	define(0, "success_unknown_sub_status", "unverifiable", "", "A success with a sub-status that nobody has documented.", status("success", "settled_early")),
	define(0, "success_bare", "confirmed", "", "A success without any of the fields that may be missing.",
		quirk("no_sub_status,no_description,no_integration,no_method,no_expiration_date")),
	define(0, "success_nulls", "confirmed", "", "A success with null in every field that may be null.",
		quirk("null_sub_status,null_integration,null_method,null_expiration_date")),
	define(0, "success_extra_fields", "confirmed", "", "A success with fields of tomorrow.", quirk("extra_fields")),

	define(0, "reversed_amount", "reversed", "appeal", "A success in the merchant's table, where an appeal changed the amount since.", final("success"), amounts(80, 100, 100)),
	define(0, "reversed_to_decline", "reversed", "", "A success in the merchant's table that HighHelp now declines.", final("success"), status("decline", "")),
	define(0, "reversed_to_success", "reversed", "", "A decline in the merchant's table that HighHelp now calls a success.", final("decline")),
	define(0, "final_success", "confirmed", "", "A success in the merchant's table that HighHelp confirms.", final("success")),
	define(0, "final_decline", "declined", "", "A decline in the merchant's table that HighHelp confirms.", final("decline"), status("decline", "")),
	define(0, "left_window", "", "", "Still open after 40 days, and so never asked about again.",
		func(m *maker) { age(m, m.now.Add(-40*24*time.Hour-m.seconds(0, 3600))) }, status("dispute", "confirm_timeout"), merchant("dispute", "confirm_timeout")),

	define(0, "name_formula", "confirmed", "", "A payment ID that a spreadsheet would compute.", named("=1+1")),
	define(0, "name_command", "confirmed", "", "A payment ID that a spreadsheet would run.", named("+cmd|' /C calc'!A0")),
	define(0, "name_function", "confirmed", "", "A payment ID that old spreadsheets take for a function.", named("@SUM(A1)")),
	define(0, "name_emoji", "confirmed", "", "A payment ID of 255 emoji, the longest there may be.", named(strings.Repeat("💸", 255))),
	define(0, "name_rtl", "confirmed", "", "A payment ID in Arabic script, with a mark that turns the text around.", named("دفع-١٢٣\u202e-KG")),
	define(0, "name_lines", "confirmed", "", "A payment ID with a tab and a line break.", named("KG\tline\nbreak")),
}

func lifetime(seconds int64) func(*maker) {
	return func(m *maker) { m.sample.Gateway.Lifetime, m.sample.Merchant.Lifetime = seconds, &seconds }
}
