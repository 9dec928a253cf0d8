package sandbox

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"regexp"
)

// A Project is one cash register (project) that the stand-in knows.
type Project struct {
	ProjectID string         // a UUID
	PublicKey *rsa.PublicKey // verifies requests; its form is the access token
	Secret    []byte         // accepts HMAC requests too, where given; white space around it is cut off
	Signature Variant        // of requests and alerts

	// Alerts are signed with AlertKey, or else with AlertSecret; without both, none can be sent.
	AlertKey    *rsa.PrivateKey
	AlertSecret []byte

	Balances []Balance // what balance/info answers, as it stands
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
		return errors.New("is given twice")
	case r.PublicKey == nil:
		return errors.New("has no public key")
	}
	var err error
	if r.Signature, err = r.Signature.complete(); err != nil {
		return err
	}
	if !r.Signature.takesRSA() && len(bytes.TrimSpace(r.Secret)) == 0 {
		return errors.New("takes HMAC only, and has no secret")
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

// isUUID tells whether text is a UUID with hyphens, of any version.
func isUUID(text string) bool { return uuidForm.MatchString(text) }
