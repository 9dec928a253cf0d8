package highhelp

import (
	"strings"
	"testing"
)

// TestStatuses compares the known statuses with a copy of the table in HighHelp's documentation.
func TestStatuses(t *testing.T) {
	table := map[string]string{
		"processing": "new requisites awaiting_confirm awaiting_3ds_result awaiting_redirect_result sent_verification " +
			"invalid_verification paid payout_process",
		"dispute": "no_payment different_amount confirm_timeout incorrect_requisites payout_failed others",
		"error":   "", "decline": "", "success": "",
	}
	if len(table) != len(knownSubStatuses) {
		t.Errorf("%d statuses", len(knownSubStatuses))
	}
	for status := range table {
		if !KnownStatus(status) || !KnownSubStatus(status, "") || KnownSubStatus(status, "else") {
			t.Error(status)
		}
		for other, subs := range table {
			for _, sub := range strings.Fields(subs) {
				if KnownSubStatus(status, sub) != (status == other) {
					t.Errorf("%s:%s", status, sub)
				}
			}
		}
	}
	for _, status := range []string{"", "Success", "success ", "refund"} {
		if KnownStatus(status) || KnownSubStatus(status, "") || KnownSubStatus(status, "new") {
			t.Errorf("%q is known", status)
		}
	}
}
