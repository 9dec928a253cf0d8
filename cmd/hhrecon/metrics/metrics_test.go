package metrics

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/highhelp"
)

// TestInstrument checks that the label route is the pattern of the mux, never the requested path. A nil *Metrics must
// count nothing.
func TestInstrument(t *testing.T) {
	m := New("test", &fakeSource{}, func() []config.Project { return nil }, slog.New(slog.DiscardHandler))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /runs/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	h := m.Instrument(mux)
	for _, path := range []string{"/runs/1", "/runs/2", "/else/3"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	func() {
		defer func() { _ = recover() }()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/panic", nil))
	}()
	for labels, want := range map[[2]string]float64{{"GET /runs/{id}", "418"}: 2, {"none", "404"}: 1,
		{"GET /panic", "200"}: 1} {
		var got dto.Metric
		if err := m.answers.WithLabelValues(labels[0], labels[1]).Write(&got); err != nil {
			t.Fatal(err)
		}
		if got.GetCounter().GetValue() != want {
			t.Errorf("%v: %v, want %v", labels, got.GetCounter(), want)
		}
	}
	m.CountMail(nil)
	m.CountMail(errors.New("no server"))
	m.RequestObserver(project)(highhelp.Observation{Call: highhelp.CallBalance, Result: highhelp.ObservedAnswer,
		Took: time.Second})
	if _, err := m.Registry.Gather(); err != nil {
		t.Error(err)
	}
	var none *Metrics
	none.CountAlert("stored")
	none.CountMail(nil)
	none.CountNotification("webhook", nil)
	if none.RequestObserver(project) != nil {
		t.Error("a nil *Metrics returns an observer")
	}
}
