package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
)

//go:embed static
var staticFiles embed.FS

// static serves the style sheet and htmx. Their addresses contain a digest of the content, so browsers can cache the
// files and still load a new version immediately.
func (p *page) static(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("v") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, staticFiles, "static/"+r.PathValue("file"))
}

// staticAddress returns the address of a file in the folder static.
func staticAddress(name string) string {
	content, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		panic("web: " + err.Error()) // the name is constant in a template, so tests detect a wrong name
	}
	sum := sha256.Sum256(content)
	return "/static/" + name + "?v=" + hex.EncodeToString(sum[:6])
}
