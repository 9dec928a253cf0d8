package sandbox

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The canonical names of the request headers.
const (
	headerTimestamp = "X-Access-Timestamp"
	headerMerchant  = "X-Access-Merchant-Id"
	headerToken     = "X-Access-Token"
	headerSignature = "X-Access-Signature"
	headerAlgorithm = "X-Access-Merchant-Algorithm"
)

// maxBody is much larger than a body within the documented limits of all fields.
const maxBody = 64 << 10

// verify checks a request. The first checks need no key. The last checks validate the fields of the body.
func (s *Sandbox) verify(r *http.Request, endpoint string) (*request, *reply) {
	if endpoint == "" {
		return nil, refuse(http.StatusNotFound, "unknown endpoint %s", r.URL.Path)
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
			return nil, refuse(http.StatusBadRequest, "header %s occurs %d times", strings.ToLower(name), len(values))
		} else if len(values) == 0 || values[0] == "" {
			return nil, refuse(http.StatusBadRequest, "header %s is missing", strings.ToLower(name))
		}
	}
	merchant := r.Header.Get(headerMerchant)
	if !isUUID(merchant) {
		return nil, refuse(http.StatusBadRequest, "header x-access-merchant-id is not a UUID")
	}
	timestamp := r.Header.Get(headerTimestamp)
	seconds, err := strconv.ParseUint(timestamp, 10, 40) // a timestamp of 40 bits is enough up to the year 36812
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "header x-access-timestamp is not in Unix seconds")
	}
	if age := s.now().Sub(time.Unix(int64(seconds), 0)); age.Abs() > s.options.TimestampWindow {
		return nil, refuse(http.StatusUnauthorized, "header x-access-timestamp is %s away from now, more than %s",
			age.Abs().Truncate(time.Second), s.options.TimestampWindow)
	}
	project := s.projects[merchant]
	if project == nil {
		return nil, refuse(http.StatusUnauthorized, "header x-access-merchant-id is not a known project")
	}
	if !project.Signature.sameToken(project.token, r.Header.Get(headerToken)) {
		return nil, refuse(http.StatusUnauthorized,
			"header x-access-token is not the project's public key as base64url of its %s form",
			strings.ToUpper(project.Signature.Token))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "body is incomplete: %v", err)
	}
	if len(body) > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "body is longer than %d bytes", maxBody)
	}
	found, err := leaves(body)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "%v", err)
	}
	if refusal := project.verify(r, found, timestamp); refusal != nil {
		return nil, refusal
	}
	q := &request{endpoint: endpoint, project: project, found: found}
	q.projectID, q.paymentID = q.text("general:project_id"), q.text("general:payment_id")
	if problems := fields[endpoint].validate(found); problems != "" {
		return nil, refuse(http.StatusBadRequest, "%s", problems)
	}
	if q.projectID != merchant {
		return nil, refuse(http.StatusUnauthorized, "field general.project_id is not x-access-merchant-id")
	}
	return q, nil
}

// verify checks the signature with the algorithm of the request. If the signature is invalid, the answer quotes the
// text that must be signed, which shows the sender the mistake.
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
			return refuse(http.StatusUnauthorized,
				"header x-access-merchant-algorithm is %q, but the project does not accept HMAC", algorithm)
		}
		err = variant.verifyHMAC(r.Secret, signature, text)
	case algorithm == algorithmRSA, algorithm == "":
		if !variant.takesRSA() {
			return refuse(http.StatusUnauthorized, "header x-access-merchant-algorithm is %q, but the project accepts only HMAC",
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
