package sql_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// answerDropper is a proxy to PostgreSQL that can drop the connection when a given answer arrives.
type answerDropper struct {
	url    string
	breaks atomic.Value // the answer after which the proxy drops the connection, as a string
	always atomic.Bool  // drop the connection each time, not only once
}

// dropAnswer starts an answerDropper in front of a database.
func dropAnswer(t *testing.T, at string) *answerDropper {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	network, server, q := "tcp", u.Host, u.Query()
	if dir := q.Get("host"); strings.HasPrefix(dir, "/") {
		network, server = "unix", dir+"/.s.PGSQL.5432"
		q.Del("host")
		u.RawQuery = q.Encode()
	}
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Close() })
	u.Host = front.Addr().String()
	d := &answerDropper{url: u.String()}
	d.breaks.Store("")
	go func() {
		for {
			client, err := front.Accept()
			if err != nil {
				return
			}
			back, err := net.Dial(network, server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(back, client); _ = back.Close() }()
			go d.answer(client, back)
		}
	}()
	return d
}

// answer forwards the server's answers until the answer that the proxy drops.
func (d *answerDropper) answer(client, server net.Conn) {
	defer func() { _, _ = client.Close(), server.Close() }()
	some := make([]byte, 1<<16)
	for {
		n, err := server.Read(some)
		if err != nil {
			return
		}
		if what := d.breaks.Load().(string); what != "" && bytes.Contains(some[:n], []byte(what)) &&
			(d.always.Load() || d.breaks.CompareAndSwap(what, "")) {
			return
		}
		if _, err := client.Write(some[:n]); err != nil {
			return
		}
	}
}

// A lost connection is opened again, even if the answer to a commit was lost. The transaction is written only once.
func TestLostConnectionIsReopened(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"BEGIN\x00", "COMMIT\x00"} {
		url := sqltest.PostgresURL(t)
		d := dropAnswer(t, url)
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, d.url), db: sqltest.DB(t, url)}
		f.save(payins(7)...)
		run, l := f.open(nightly("a"))
		breaks := func() { d.breaks.Store(at) }
		broken := func(what string, err error) {
			f.Helper()
			f.must(err)
			equal(f, what+": left of "+at, d.breaks.Load().(string), "")
		}
		d.breaks.Store("payin-0000")
		all, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 10)
		broken("open payins", err)
		equal(f, "open payins", len(all), 7)
		breaks()
		broken("keep alive", f.s.Heartbeat(f.ctx, l))
		for i := range all {
			all[i] = verdict(all[i])
		}
		breaks()
		broken("save verdicts", f.s.SaveVerdicts(f.ctx, l, all))
		w, err := f.s.Summarise(f.ctx, l.RunID, time.Time{}, false)
		f.must(err)
		breaks()
		broken("decide", f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, w, reconcile.Reason{}))
		for n := 1; n > 0; {
			breaks()
			n, _, err = f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 2)
			broken("settle", err)
		}
		run, err = f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
		f.must(err)
		equal(f, "settled", run.Settled, 7)
		equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 7)
		equal(f, "applied", f.count("select count(*) from hhrecon_finding where correction = 'applied'"), 7)
		equal(f, "entries", f.wantIntact().Entries, 7)
	}
}

// A session that an administrator ended is opened again, even if only the driver detects its end.
func TestTerminatedSessionIsReopened(t *testing.T) {
	t.Parallel()
	f := withCorrection(t, sqltest.PostgresURL(t), "end_twice()")
	f.do("create sequence ends")
	f.do(`create function end_twice() returns boolean language plpgsql as $$
		begin if nextval('ends') <= 2 then perform pg_terminate_backend(pg_backend_pid()); end if; return true; end $$`)
	f.save(payins(3)...)
	_, l := f.openUnproved(nightly("a"))
	all := f.judge(l, verdict)
	f.end(l, reconcile.CorrectionApplied)
	equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 3)

	// The idle sessions of the pool are also ended.
	_, l = f.openUnproved(nightly("b"))
	end := func() {
		f.do("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and " +
			"application_name = 'hhrecon'")
	}
	end()
	f.must(f.s.Heartbeat(f.ctx, l))
	end()
	_, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 10)
	f.must(err)
	end()
	if err := f.s.SaveVerdicts(f.ctx, l, all); err == nil || !strings.Contains(err.Error(), "not in the selection") {
		f.Errorf("saved: %v", err)
	}

	// The lease is still required after a lost connection.
	f.do("update hhrecon_run set owner_token = 'another'")
	end()
	if err := f.s.Heartbeat(f.ctx, l); err == nil || err.Error() != reconcile.ErrRunLost.Error() {
		f.Errorf("heartbeat: %v", err)
	}
}

// If the connection cannot be opened again, the error says why.
func TestLostConnectionMessage(t *testing.T) {
	t.Parallel()
	url := sqltest.PostgresURL(t)
	d := dropAnswer(t, url)
	s := sqltest.Open(t, d.url)
	d.always.Store(true)
	d.breaks.Store("SELECT 1\x00")
	err := s.Ping(t.Context())
	if err == nil || strings.Contains(err.Error(), "bad connection") ||
		!strings.HasPrefix(err.Error(), "the connection to the database was lost: ") {
		t.Errorf("ping: %v", err)
	}
}
