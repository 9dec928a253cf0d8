package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
)

// Parsed is the content of a message.
type Parsed struct {
	Header     mail.Header
	Subject    string
	Text, HTML string
	Name       string // the file name of the attachment
	Attachment []byte
}

// Read parses a message with the standard library only.
func (m Message) Read(t testing.TB) Parsed {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	must(t, err)
	l := Parsed{Header: parsed.Header, Subject: decoded(t, parsed.Header.Get("Subject"))}
	l.parts(t, parsed.Header.Get("Content-Type"), parsed.Body)
	return l
}

func decoded(t testing.TB, header string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(header)
	must(t, err)
	return text
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l *Parsed) parts(t testing.TB, contentType string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	must(t, err)
	if !strings.HasPrefix(kind, "multipart/") {
		t.Fatalf("the message is %s", kind)
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return
		}
		must(t, err)
		var content io.Reader = part
		switch part.Header.Get("Content-Transfer-Encoding") {
		case "quoted-printable":
			content = quotedprintable.NewReader(part)
		case "base64":
			content = base64.NewDecoder(base64.StdEncoding, part)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		must(t, err)
		if strings.HasPrefix(kind, "multipart/") {
			l.parts(t, part.Header.Get("Content-Type"), part)
			continue
		}
		all, err := io.ReadAll(content)
		must(t, err)
		switch kind {
		case "text/plain":
			l.Text = strings.ReplaceAll(string(all), "\r\n", "\n")
		case "text/html":
			l.HTML = string(all)
		case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
			l.Name, l.Attachment = decoded(t, params["name"]), all
		default:
			t.Errorf("a part of type %s", kind)
		}
	}
}
