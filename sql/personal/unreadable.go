package personal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"hhrecon/sql/db"
)

// unreadablePage is the maximum number of alert bodies in memory.
const unreadablePage = 100

// unreadable lists a project's unreadable alerts whose body contains a payin's ID. Such an alert may be stored without
// a payin, or under another payin.
func (e Eraser) unreadable(ctx context.Context, projectID, paymentID string) (ids []int64, err error) {
	a := db.Args{"project_id": projectID, "after": int64(0), "limit": unreadablePage, "empty": []byte{}}
	for {
		var page []struct {
			ID   int64  `db:"id"`
			Body []byte `db:"body"`
		}
		if err := e.log.List(ctx, e.log.Conn, &page, query("unreadable_alerts").In(e.log.Dialect), a); err != nil {
			return nil, e.log.WrapError(ctx, err)
		}
		for _, alert := range page {
			if names(alert.Body, paymentID) {
				ids = append(ids, alert.ID)
			}
			a["after"] = alert.ID
		}
		if len(page) < unreadablePage {
			return ids, nil
		}
	}
}

// names reports whether a JSON body contains the payin's ID as a string. In a body that is not JSON, the ID may occur
// anywhere.
func names(body []byte, paymentID string) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		switch token, err := decoder.Token(); {
		case errors.Is(err, io.EOF):
			return false
		case err != nil:
			return bytes.Contains(body, []byte(paymentID))
		case token == paymentID:
			return true
		}
	}
}
