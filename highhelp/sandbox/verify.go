package sandbox

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a request, in the spelling that http.Header keeps them in.
const (
	headerTimestamp = "X-Access-Timestamp"
	headerMerchant  = "X-Access-Merchant-Id"
	headerToken     = "X-Access-Token"
	headerSignature = "X-Access-Signature"
	headerAlgorithm = "X-Access-Merchant-Algorithm"
)

// maxBody is far above the longest request that the field limits allow.
const maxBody = 64 << 10

// verify takes a request apart in the order in which a gateway can: what needs no key first, the body last.
func (s *Sandbox) verify(r *http.Request, endpoint string) (*request, *reply) {
	if endpoint == "" {
		return nil, refuse(http.StatusNotFound, "there is no endpoint %s", r.URL.Path)
	}
	if r.Method != http.MethodPost {
		refusal := refuse(http.StatusMethodNotAllowed, "method is %s, not POST", r.Method)
		refusal.header = map[string]string{"Allow": http.MethodPost}
		return nil, refusal
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || kind != "application/json" || charset != "" &&
		!strings.EqualFold(charset, "utf-8") {
		return nil, refuse(http.StatusUnsupportedMediaType, "content-type is %q, not application/json",
			r.Header.Get("Content-Type"))
	}
	for _, name := range []string{headerTimestamp, headerMerchant, headerToken, headerSignature} {
		if values := r.Header[name]; len(values) > 1 {
			return nil, refuse(http.StatusBadRequest, "header %s stands %d times", strings.ToLower(name), len(values))
		} else if len(values) == 0 || values[0] == "" {
			return nil, refuse(http.StatusBadRequest, "header %s is missing", strings.ToLower(name))
		}
	}
	merchant := r.Header.Get(headerMerchant)
	if !isUUID(merchant) {
		return nil, refuse(http.StatusBadRequest, "header x-access-merchant-id is no UUID")
	}
	timestamp := r.Header.Get(headerTimestamp)
	seconds, err := strconv.ParseUint(timestamp, 10, 40) // no sign; 2^40 seconds end in the year 36812
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "header x-access-timestamp is not in Unix seconds")
	}
	if age := s.now().Sub(time.Unix(int64(seconds), 0)); age.Abs() > s.options.TimestampWindow {
		return nil, refuse(http.StatusUnauthorized, "header x-access-timestamp is %s away from now, more than %s",
			age.Abs().Truncate(time.Second), s.options.TimestampWindow)
	}
	register := s.projects[merchant]
	if register == nil {
		return nil, refuse(http.StatusUnauthorized, "header x-access-merchant-id names no register")
	}
	if !register.Signature.sameToken(register.token, r.Header.Get(headerToken)) {
		return nil, refuse(http.StatusUnauthorized,
			"header x-access-token is not the register's public key as base64url of its %s form",
			strings.ToUpper(register.Signature.Token))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "body breaks off: %v", err)
	}
	if len(body) > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "body is longer than %d bytes", maxBody)
	}
	found, err := leaves(body)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "%v", err)
	}
	if refusal := register.verify(r, found, timestamp); refusal != nil {
		return nil, refusal
	}
	q := &request{endpoint: endpoint, project: register, found: found}
	q.projectID, q.paymentID = q.text("general:project_id"), q.text("general:payment_id")
	if problems := fields[endpoint].validate(found); problems != "" {
		return nil, refuse(http.StatusBadRequest, "%s", problems)
	}
	if q.projectID != merchant {
		return nil, refuse(http.StatusUnauthorized, "field general.project_id is not x-access-merchant-id")
	}
	return q, nil
}

// verify checks the signature by the algorithm that the request names. The refusal quotes the text
// that should have been signed, which is what its sender needs to find the mistake.
func (r *project) verify(hr *http.Request, found []leaf, timestamp string) *reply {
	var (
		variant   = r.Signature
		signature = hr.Header.Get(headerSignature)
		text      = variant.text(found, timestamp)
		err       error
	)
	algorithm := hr.Header.Get(headerAlgorithm)
	switch {
	case algorithm == variant.HMACName, algorithm == "" && variant.HMACName == "none":
		if !variant.takesHMAC() || len(r.Secret) == 0 {
			return refuse(http.StatusUnauthorized, "header x-access-merchant-algorithm is %q, and the register takes no HMAC",
				algorithm)
		}
		err = variant.verifyHMAC(r.Secret, signature, text)
	case algorithm == algorithmRSA, algorithm == "":
		if !variant.takesRSA() {
			return refuse(http.StatusUnauthorized, "header x-access-merchant-algorithm is %q, and the register takes HMAC only",
				algorithm)
		}
		err = variant.verifyRSA(r.PublicKey, signature, text)
	default:
		return refuse(http.StatusBadRequest, "header x-access-merchant-algorithm is %q, not %s or %s",
			algorithm, algorithmRSA, variant.HMACName)
	}
	if err == nil {
		return nil
	}
	normalised := normalise(found, variant.Null)
	return refuse(http.StatusUnauthorized, "header x-access-signature %v; the body normalises to %.1000q, timestamp %s",
		err, normalised, timestamp)
}
