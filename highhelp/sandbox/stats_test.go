package sandbox_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hhrecon/highhelp/sandbox"
)

func TestStats(t *testing.T) {
	g := open(t)
	g.put(sandbox.Payin{})
	g.put(sandbox.Payin{}) // replaces the same payin
	g.info(payment, 200)
	g.info("unknown", 404)
	g.info("unknown", 404)
	g.clock.move(time.Second)
	g.do(g.request("balance/info", object{"general": object{"project_id": project}}))
	bad := g.request("widget/payin/info", ids(payment))
	bad.Header.Set("X-Access-Token", "AAAA")
	g.do(bad)
	g.do(g.request("nowhere", object{}))
	g.clock.move(time.Second)
	g.do(g.request("widget/payin", creation("new")))

	// A request counts when its handler returns. The handler may return after the answer has arrived.
	for g.Stats().Requests[sandbox.EndpointCreate][200] == 0 {
		time.Sleep(time.Millisecond)
	}
	want := sandbox.Stats{
		Requests: map[string]map[int]int{
			sandbox.EndpointInfo:    {200: 1, 404: 2, 401: 1},
			sandbox.EndpointBalance: {200: 1},
			sandbox.EndpointCreate:  {200: 1},
			"":                      {404: 1},
		},
		Total: 7, MostInASecond: 3, MostAtOnce: 1, Payins: 2,
	}
	got := g.Stats()
	got.MostAtOnce = min(got.MostAtOnce, 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for id, asks := range map[string]int{payment: 1, "unknown": 2, "new": 0, "never": 0} {
		if got := g.AskCount(project, id); got != asks {
			t.Errorf("%s was read %d times, want %d", id, got, asks)
		}
	}
}

// TestMostInASecond counts requests within one second across the boundary of calendar seconds.
func TestMostInASecond(t *testing.T) {
	g := open(t)
	for _, pause := range []time.Duration{700, 100, 100, 300, 100, 500, 900} {
		g.info("unknown", 404)
		g.clock.move(pause * time.Millisecond)
	}
	if got := g.Stats().MostInASecond; got != 5 {
		t.Errorf("%d requests in a second, want 5", got)
	}
	g.ResetStats()
	g.info("unknown", 404)
	if got := g.Stats(); got.MostInASecond != 1 || got.Total != 1 {
		t.Errorf("after the reset it counts %+v", got)
	}
}

func TestMostAtOnce(t *testing.T) {
	g := open(t)
	g.inject(sandbox.Fault{Name: "hang"})
	done := make(chan struct{})
	for range 5 {
		r := g.request("widget/payin/info", ids(payment))
		go func() {
			if response, err := g.http.Do(r); err == nil {
				_ = response.Body.Close()
			}
			done <- struct{}{}
		}()
	}
	for g.Stats().MostAtOnce < 5 {
		time.Sleep(time.Millisecond)
	}
	g.Close()
	for range 5 {
		<-done
	}
	if got := g.Stats().MostAtOnce; got != 5 {
		t.Errorf("most simultaneous requests: %d", got)
	}
}

func TestRequestsAreLoggedAtDebugLevelOnly(t *testing.T) {
	for level, lines := range map[slog.Level]int{slog.LevelInfo: 0, slog.LevelDebug: 2} {
		var log bytes.Buffer
		g := open(t, func(o *sandbox.Options) {
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))
		})
		g.inject(sandbox.Fault{Name: "no_json", Times: 1})
		_, _, _, _ = g.requestInfo(payment)
		g.info(payment, 404)
		if lines > 0 {
			for g.Stats().Requests[sandbox.EndpointInfo][404] == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		text := log.String()
		if got := strings.Count(text, "\n"); got != lines {
			t.Errorf("%s: %d lines:\n%s", level, got, text)
		}
		for _, want := range []string{"status=404", "payment_id=" + payment, "fault=no_json",
			"path=/api/v1/widget/payin/info"} {
			if lines > 0 && !strings.Contains(text, want) {
				t.Errorf("the log does not contain %s:\n%s", want, text)
			}
		}
	}
}
