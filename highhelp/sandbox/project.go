package sandbox

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"regexp"
)

// A Project is one project, which HighHelp also calls a cash register.
type Project struct {
	ProjectID string         // a UUID
	PublicKey *rsa.PublicKey // verifies requests; the access token is derived from this key
	Secret    []byte         // optional; allows HMAC requests too; surrounding white space is removed
	Signature Variant        // the variant for requests and alerts

	// AlertKey signs alerts. Without AlertKey, AlertSecret signs alerts. Without AlertKey and AlertSecret, the
	// sandbox cannot send alerts.
	AlertKey    *rsa.PrivateKey
	AlertSecret []byte

	Balances []Balance // the answer of balance/info
}

type project struct {
	Project
	token string
}

func (s *Sandbox) addProject(r Project) error {
	switch {
	case !isUUID(r.ProjectID):
		return errors.New("project ID is not a UUID")
	case s.projects[r.ProjectID] != nil:
		return errors.New("is a duplicate")
	case r.PublicKey == nil:
		return errors.New("has no public key")
	}
	var err error
	if r.Signature, err = r.Signature.complete(); err != nil {
		return err
	}
	if !r.Signature.takesRSA() && len(bytes.TrimSpace(r.Secret)) == 0 {
		return errors.New("accepts only HMAC but has no secret")
	}
	r.Secret, r.AlertSecret = bytes.TrimSpace(r.Secret), bytes.TrimSpace(r.AlertSecret)
	token, err := r.Signature.token(r.PublicKey)
	if err != nil {
		return err
	}
	s.projects[r.ProjectID] = &project{r, token}
	return nil
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// isUUID reports whether text is a UUID with hyphens, of any version.
func isUUID(text string) bool { return uuidForm.MatchString(text) }
