package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// alertBody is the body of an alert. In an alert, unlike in an answer, status is an object and general has the IDs.
type alertBody struct {
	ProjectID string `json:"project_id"`
	General   struct {
		RequestID string `json:"request_id"`
		PaymentID string `json:"payment_id"`
	} `json:"general"`
	Status struct {
		Status            string `json:"status"`
		SubStatus         field  `json:"sub_status"`
		StatusDescription field  `json:"status_description"`
	} `json:"status"`
	PaymentInfo *paymentInfo      `json:"payment_info"`
	Requisites  map[string]string `json:"recipient_requisites,omitempty"`
}

// Alert returns the body and the signed headers of the alert for a payin's current state. Alert does not send the
// alert. Quirks do not affect alerts. Alert returns an error if the project is unknown or has no key for alerts.
func (s *Sandbox) Alert(p Payin) ([]byte, http.Header, error) {
	return s.alertAt(p, s.now())
}

func (s *Sandbox) alertAt(p Payin, moment time.Time) ([]byte, http.Header, error) {
	p, err := s.prepare(p)
	if err != nil {
		return nil, nil, err
	}
	p, since := p.at(moment)
	body, err := json.Marshal(p.alertBody(since))
	if err != nil {
		return nil, nil, fmt.Errorf("alert: %w", err)
	}
	found, err := leaves(body)
	if err != nil {
		return nil, nil, fmt.Errorf("alert: %w", err)
	}
	timestamp := strconv.FormatInt(s.now().Unix(), 10)
	signature, err := s.projects[p.ProjectID].signAlert(found, timestamp)
	if err != nil {
		return nil, nil, err
	}
	header := http.Header{"Content-Type": {"application/json"}, headerTimestamp: {timestamp}, headerSignature: {signature}}
	return body, header, nil
}

// corruptSignature replaces one character in the middle of a signature. The result has the form of a
// signature, but is invalid.
func corruptSignature(signature string) string {
	text := []byte(signature)
	middle := &text[len(text)/2]
	if *middle == 'a' {
		*middle = 'b'
	} else {
		*middle = 'a'
	}
	return string(text)
}

func (r *project) signAlert(found []leaf, timestamp string) (string, error) {
	text := r.Signature.text(found, timestamp)
	switch {
	case r.AlertKey != nil:
		return r.Signature.signRSA(r.AlertKey, text)
	case len(r.AlertSecret) > 0:
		return r.Signature.encode(r.Signature.mac(text, r.AlertSecret)), nil
	}
	return "", fmt.Errorf("project %s has neither AlertKey nor AlertSecret", r.ProjectID)
}

func (p Payin) alertBody(since time.Time) alertBody {
	a := alertBody{ProjectID: p.ProjectID, PaymentInfo: p.info()}
	a.General.RequestID, a.General.PaymentID = p.RequestID, p.PaymentID
	a.Status.Status, a.Status.SubStatus = p.Status, orNull(p.SubStatus)
	a.Status.StatusDescription = orNull(p.StatusDescription)
	a.PaymentInfo.CreatedDate, a.PaymentInfo.UpdatedDate = p.CreatedAt.Unix(), since.Unix()
	if p.Status == "decline" {
		a.PaymentInfo.PaymentSystem = field{}
	}
	if p.Status == "processing" && (p.SubStatus == "awaiting_confirm" || p.SubStatus == "paid") {
		a.Requisites = map[string]string{"card_number": "417000******1234", "card_holder": "A*** B***"}
	}
	return a
}

// alertURL returns the URL to which the alert for the payin's state is sent. Success, decline and all other states
// can have different URLs.
func (s *Sandbox) alertURL(p Payin) string {
	special := map[string]string{"success": p.Callbacks.Success, "decline": p.Callbacks.Decline}
	return cmp.Or(special[p.Status], p.Callbacks.URL, s.options.AlertURL)
}

// SendAlert sends the alert for a payin's current state several times, each with a new signature. SendAlert returns the
// HTTP statuses of the receiver's answers, and stops with an error at the first alert without an answer.
func (s *Sandbox) SendAlert(ctx context.Context, projectID, paymentID string, times int) ([]int, error) {
	p, found := s.Payin(projectID, paymentID)
	if !found {
		return nil, fmt.Errorf("no payin %q in project %s", paymentID, projectID)
	}
	var statuses []int
	for range times {
		status, err := s.sendAlert(ctx, p, s.now())
		if err != nil {
			return statuses, err
		}
		statuses = append(statuses, status)
	}
	return statuses, nil
}

func (s *Sandbox) sendAlert(ctx context.Context, p Payin, moment time.Time) (status int, err error) {
	defer func() { s.count.alert(err == nil && status/100 == 2) }()
	then, _ := p.at(moment)
	target := s.alertURL(then)
	if target == "" {
		return 0, fmt.Errorf("payin %q has no callback URL, and the sandbox no AlertURL", p.PaymentID)
	}
	body, header, err := s.alertAt(p, moment)
	if err != nil {
		return 0, err
	}
	if _, wrong := s.faults.match(EndpointAlert, p.ProjectID, p.PaymentID); wrong {
		header.Set(headerSignature, corruptSignature(header.Get(headerSignature)))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("send alert: %w", err)
	}
	request.Header = header
	response, err := s.options.HTTPClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("send alert: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // read the body, so the connection can be reused
	return response.StatusCode, nil
}
