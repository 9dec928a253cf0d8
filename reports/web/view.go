package web

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
)

//go:embed templates
var templateFiles embed.FS

// templates contains the templates of the pages by file name, each with the shared layout.
var templates = func() map[string]*template.Template {
	shared := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"static": staticAddress, "word": word, "amount": money, "explain": explain, "signed": signed, "state": stateText,
		"count": count, "plural": plural, "nobreak": noBreak, "reason": reason,
	}).ParseFS(templateFiles, "templates/layout.html", "templates/part_*.html"))
	pages := make(map[string]*template.Template)
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic("web: " + err.Error())
	}
	for _, f := range files {
		if f.Name() != "layout.html" && !strings.HasPrefix(f.Name(), "part_") {
			pages[f.Name()] = template.Must(template.Must(shared.Clone()).ParseFS(templateFiles,
				path.Join("templates", f.Name())))
		}
	}
	return pages
}()

// view is the data of a page. Body is the data of the page's own template.
type view struct {
	Title   string
	Here    string // the path of the page, for the menu
	User    *sessionUser
	Flash   string
	Version string
	Copy    bool
	Body    any

	settings Settings
}

func (p *page) view(r *http.Request, title string, body any) *view {
	return &view{Title: title, Here: r.URL.Path, User: userOf(r), Version: p.Version, Copy: p.Copy, Body: body,
		settings: p.Settings()}
}

// Time formats a time in the time zone of the schedules, without seconds.
func (v *view) Time(t time.Time) string { return v.format(t, "2006-01-02 15:04") }

// TimeWithSeconds formats a time in the time zone of the schedules, with seconds.
func (v *view) TimeWithSeconds(t time.Time) string { return v.format(t, time.DateTime) }

func (v *view) format(t time.Time, layout string) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(v.zone()).Format(layout)
}

func (v *view) zone() *time.Location { return cmp.Or(v.settings.Zone, time.UTC) }

// Zone returns the name of the time zone of the page.
func (v *view) Zone() string { return v.zone().String() }

// Name returns the name of a project.
func (v *view) Name(projectID string) string { return v.settings.projectName(projectID) }

// Projects returns the projects that a user can choose.
func (v *view) Projects() []Project { return v.settings.Projects }

// May reports whether the user has the given role or a higher role.
func (v *view) May(role string) bool {
	return v.User != nil && v.User.Role.May(reconcile.Role(role))
}

// has reports whether the settings contain a project.
func (s Settings) has(id string) bool {
	return slices.ContainsFunc(s.Projects, func(p Project) bool { return strings.EqualFold(p.ID, id) })
}

func (s Settings) projectName(id string) string {
	i := slices.IndexFunc(s.Projects, func(p Project) bool { return p.ID == id && p.Name != "" })
	if i < 0 {
		return id
	}
	return s.Projects[i].Name
}

// render writes a whole page, or an error page if the template fails.
func (p *page) render(w http.ResponseWriter, r *http.Request, status int, file, title string, body any) {
	v := p.view(r, title, body)
	v.Flash = p.takeFlash(w, r)
	p.write(w, status, file, "layout.html", v)
}

// renderPart writes a part of a page, for htmx.
func (p *page) renderPart(w http.ResponseWriter, r *http.Request, file, name string, body any) {
	p.write(w, http.StatusOK, file, name, p.view(r, "", body))
}

func (p *page) write(w http.ResponseWriter, status int, file, name string, v *view) {
	var text bytes.Buffer
	if err := templates[file].ExecuteTemplate(&text, name, v); err != nil {
		p.Logger.Error("cannot render a page", "page", file, "error", err)
		http.Error(w, "This page cannot be shown. See hhrecon's log for the cause.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // an error means that the browser has disconnected
}

// message is the data of a page that only shows a message.
type message struct{ Heading, Text string }

// refuse writes a page that shows why an action was refused.
func (p *page) refuse(w http.ResponseWriter, r *http.Request, status int, heading, text string) {
	p.render(w, r, status, "message.html", heading, message{heading, text})
}

// fail writes an error page for an internal error, or for a run that does not exist.
func (p *page) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, reconcile.ErrNoRun):
		p.refuse(w, r, http.StatusNotFound, "There is no such run", "The list of runs shows all runs.")
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return // the browser has disconnected
	case p.Copy && r.Method == http.MethodPost && userOf(r) != nil:
		p.refuse(w, r, http.StatusConflict, "Nothing was done", err.Error())
	default:
		p.Logger.Error("the page failed to handle a request", "method", r.Method, "path", r.URL.Path, "error", err)
		if userOf(r) == nil {
			http.Error(w, "hhrecon failed. See its log for the cause. Try again later.", http.StatusInternalServerError)
			return
		}
		p.refuse(w, r, http.StatusInternalServerError, "hhrecon failed",
			"See hhrecon's log for the cause. All completed changes are stored. Try again later.")
	}
}

// With returns a copy of the view with another body. Handlers use the copy to render a part of the page.
func (v *view) With(body any) *view {
	part := *v
	part.Body = body
	return &part
}
