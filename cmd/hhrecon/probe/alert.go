package probe

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"slices"
	"strings"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/highhelp"
)

// Alert tries each variant on recorded alerts. If one variant is left, Alert prints the settings for schedules.yaml.
// Otherwise, Alert prints the variants that are left, and the error says which alert decides.
func Alert(p config.Project, files []string, out io.Writer) error {
	key, err := p.AlertKey()
	if err != nil {
		return err
	}
	all := highhelp.AlertVariants(key.PublicKey != nil, len(key.Secret) > 0)
	left := slices.Clone(all)
	for _, file := range files {
		fits, err := fitting(key, all, file)
		if err != nil {
			return err
		}
		left = slices.DeleteFunc(left, func(v highhelp.Variant) bool { return !slices.Contains(fits, v) })
		if len(left) == 0 {
			return config.UsageErrorf("%s: no variant fits this alert and the alerts before: use alerts of one project and "+
				"one key", file)
		}
	}
	if len(left) == 1 {
		fmt.Fprintf(out, "The alert is signed with: %s\n", left[0])
		return printSettings(out, "alert_signature", p, config.SignatureEntry{Variant: left[0]})
	}
	var missing []string
	for _, v := range left {
		fmt.Fprintf(out, "This variant fits: %s\n", v)
	}
	if slices.ContainsFunc(left, func(v highhelp.Variant) bool { return v.Padding != left[0].Padding }) {
		missing = append(missing, "an alert whose signed text has a length that is not a multiple of 3, such as of a "+
			"payment_id that is one character longer")
	}
	if slices.ContainsFunc(left, func(v highhelp.Variant) bool { return v.Null != left[0].Null }) {
		missing = append(missing, "an alert with a null, such as the sub_status of a success")
	}
	return config.UsageErrorf("%d variants fit, so nothing is proved: capture %s; then run \"hhrecon probe alert\" with "+
		"all files", len(left), strings.Join(missing, ", and "))
}

// fitting returns the variants with which the key verifies a recorded alert.
func fitting(key highhelp.AlertKey, all []highhelp.Variant, file string) (fits []highhelp.Variant, err error) {
	headers, body, err := readCapture(file)
	if err != nil {
		return nil, err
	}
	signature, timestamp := headers.Get(highhelp.HeaderSignature), headers.Get(highhelp.HeaderTimestamp)
	for _, v := range all {
		key.Variant = v
		if key.Verify(body, timestamp, signature) != nil {
			continue
		}
		if _, err := highhelp.VerifyAlert(body, headers, key); err != nil {
			return nil, config.UsageErrorf("%s: the signature fits %s, but alerts like this are refused: %w", file, v, err)
		}
		fits = append(fits, v)
	}
	hmac := len(strings.TrimRight(signature, "=")) <= 128 // an RSA signature has at least 171 characters
	switch {
	case len(fits) > 0:
		return fits, nil
	case signature == "" || timestamp == "":
		err = config.UsageErrorf("%s: the headers %s and %s must both be in the file", file, highhelp.HeaderSignature,
			highhelp.HeaderTimestamp)
	case hmac && len(key.Secret) == 0:
		err = config.UsageErrorf("%s: the signature has the length of HMAC-SHA512: set alert_secret_file", file)
	case !hmac && key.PublicKey == nil:
		err = config.UsageErrorf("%s: the signature has the length of RSA-SHA256: set alert_public_key_file", file)
	default:
		err = config.UsageErrorf("%s: no variant fits: the key is not the alert key (Callback settings in HighHelp's "+
			"dashboard), or the body was changed", file)
	}
	return nil, err
}

// readCapture reads a recorded request: an optional request line, headers, an empty line and the body.
func readCapture(file string) (http.Header, []byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, config.UsageErrorf("%w", err)
	}
	if line, rest, ok := bytes.Cut(text, []byte("\n")); ok && bytes.Contains(line, []byte(" HTTP/")) {
		text = rest
	}
	r := bufio.NewReader(bytes.NewReader(text))
	headers, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		// The error omits the parser's message, because this message quotes the alert.
		return nil, nil, config.UsageErrorf("%s: not a captured alert: it must be header lines, an empty line, "+
			"then the body byte for byte", file)
	}
	body, err := io.ReadAll(r)
	return http.Header(headers), body, err
}
