package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// bench is one benchmark, with its sandbox, its database, and the clean-ups to do at the end.
type bench struct {
	*app
	*benchCmd
	dir    string
	key    *rsa.PrivateKey
	secret []byte
	box    *child
	apiURL string // URL of the sandbox
	url    string // URL of the database
	store  *sql.Store
	want   expectation
	undo   []func(context.Context) error
}

// benchProject is the ID of the run's project.
const benchProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

// Prefixes of the names of files and databases that a benchmark creates.
const (
	benchDatabase = "hhrecon_bench_"
	benchFolder   = "hhrecon-bench-"
	benchLock     = "lock" // lock file of a running benchmark; sweep removes only folders with this file
)

// sweep marks the benchmark's folder as temporary, and removes the folders of killed benchmarks.
func (b *bench) sweep() {
	if !b.Keep {
		lock := filepath.Join(b.dir, benchLock)
		free, err := lockFile(lock+".new", os.O_CREATE)
		if err == nil {
			err = os.Rename(lock+".new", lock) // locked before it gets this name, so it is never seen unlocked
		}
		if err != nil {
			b.log.Debug("bench: cannot lock the folder; if the benchmark is killed, remove the folder", "error", err)
		} else {
			b.undo = append(b.undo, func(context.Context) error { return free() })
		}
	}
	folders, _ := os.ReadDir(os.TempDir()) // the folder exists, since a file was just written to it
	for _, f := range folders {
		dir := filepath.Join(os.TempDir(), f.Name())
		if !f.IsDir() || !strings.HasPrefix(f.Name(), benchFolder) || dir == b.dir {
			continue
		}
		free, err := lockFile(filepath.Join(dir, benchLock), 0)
		if err != nil { // the user keeps the folder, or another benchmark uses the folder
			continue
		}
		if err := errors.Join(os.RemoveAll(dir), free()); err != nil {
			b.log.Warn("bench: cannot remove the folder of a killed benchmark", "folder", dir, "error", err)
			continue
		}
		b.log.Info("bench: folder of a killed benchmark removed", "folder", dir)
	}
}

// prepare starts the sandbox, creates the database, and loads the payins into the sandbox and the database.
func (b *bench) prepare(ctx context.Context) error {
	var err error
	if b.dir, err = os.MkdirTemp("", benchFolder); err != nil {
		return err
	}
	b.after(func(context.Context) error { return os.RemoveAll(b.dir) })
	b.sweep()

	made := time.Now().Truncate(time.Second)
	options := boxOptions{Latency: b.Latency, Payins: b.Payins + unasked(), Until: made}
	if options.Key, err = b.makeKeys(); err != nil {
		return err
	}
	options.Secret = b.secret
	if b.box, err = startChild(options, b.dir); err != nil {
		return err
	}
	b.undo = append(b.undo, func(context.Context) error { b.box.stop(); return nil })
	b.log.Info("bench: sandbox started", "pid", b.box.cmd.Process.Pid)
	if b.url, err = b.database(ctx); err != nil {
		return err
	}
	if b.store, err = sql.Open(ctx, b.url, sql.Options{Logger: b.log}); err != nil {
		return err
	}
	b.undo = append(b.undo, func(context.Context) error { return b.store.Close() })
	if err := b.store.Migrate(ctx, sql.MigrateOptions{SampleSchema: true}); err != nil {
		return err
	}
	began := time.Now()
	if _, err := b.store.SavePayins(ctx, b.rows(made)); err != nil {
		return err
	}
	if b.View {
		_, err := b.store.Conn.ExecContext(ctx,
			"alter table payins rename to payins_stored; create view payins as select * from payins_stored")
		if err != nil {
			return err
		}
	}
	b.log.Info("bench: payins are in the database", "payins", b.Payins, "took", time.Since(began).Round(time.Millisecond))
	b.apiURL, err = b.box.ready(ctx)
	return err
}

// after registers a clean-up function, unless the user wants to keep the files and the database.
func (b *bench) after(do func(context.Context) error) {
	if !b.Keep {
		b.undo = append(b.undo, do)
	}
}

// cleanUp is the time limit of the clean-up. On a busy server, dropping a database of this size may take a minute.
const cleanUp = 3 * time.Minute

// close runs the clean-ups in reverse order.
func (b *bench) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
	defer cancel()
	var left []error
	for _, do := range slices.Backward(b.undo) {
		left = append(left, do(ctx))
	}
	if b.Keep && b.url != "" {
		b.log.Info("bench: kept", "folder", b.dir, "database", databaseName(b.url))
	}
	return errors.Join(left...)
}

// database creates an empty database and returns its URL. database does not change other databases.
func (b *bench) database(ctx context.Context) (string, error) {
	server := b.Database
	if server == "" && strings.HasPrefix(b.getenv("HHRECON_DATABASE_URL"), "postgres") {
		server = b.getenv("HHRECON_DATABASE_URL")
	}
	if server == "" || server == "sqlite" {
		return "sqlite:" + filepath.Join(b.dir, "bench.sqlite"), nil
	}
	made, err := createTempDatabase(ctx, server, benchDatabase)
	if err != nil {
		return "", usage("--database: %w", err)
	}
	b.after(made.drop)
	if !b.Keep {
		err = made.mark(ctx)
	}
	stale, left := made.dropStale(ctx, benchDatabase)
	if err := errors.Join(err, left); err != nil {
		b.log.Warn("bench: cannot drop databases of killed benchmarks", "error", err)
	}
	if len(stale) > 0 {
		b.log.Info("bench: databases of killed benchmarks dropped", "names", stale)
	}
	b.log.Info("bench: database created", "name", made.name)
	return made.url, nil
}

// databaseName returns the name of the database in a URL. For SQLite, databaseName returns the name of the file.
func databaseName(url string) string {
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return file
	}
	name, _, _ := strings.Cut(url[strings.LastIndex(url, "/")+1:], "?")
	return name
}

// unasked returns the number of the sandbox's scenarios that the benchmark omits. The benchmark omits payins without an
// answer, because each such payin takes a full time-out. The benchmark also omits payins that no run selects.
func unasked() int {
	n := 0
	for _, s := range sandbox.Scenarios() {
		if s.Outcome == "" || s.Outcome == string(reconcile.Unreachable) {
			n++
		}
	}
	return n
}

// makeKeys generates the project's keys and returns the private key in PEM.
func (b *bench) makeKeys() ([]byte, error) {
	var err error
	if b.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(b.key)
	if err != nil {
		return nil, err
	}
	b.secret = []byte(rand.Text() + rand.Text())
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// signing returns the signature settings of requests.
func (b *bench) signing() (highhelp.Signing, error) {
	if b.Signing == "rsa" {
		return highhelp.Signing{PrivateKey: b.key}, nil
	}
	token, err := highhelp.AccessToken(&b.key.PublicKey, "")
	s := highhelp.Signing{Secret: b.secret, AccessToken: token}
	s.Variant.Algorithm = highhelp.AlgorithmHMAC
	return s, err
}

// limit returns the maximum rate for the client. For a rate of 0, limit returns infinity, because the client would
// replace 0 by the default rate.
func (b *bench) limit() float64 {
	if b.Rate == 0 {
		return float64(rate.Inf)
	}
	return b.Rate
}

// merchantRow returns the merchant's row of a sample.
func merchantRow(s *sandbox.Sample) reconcile.Payin {
	m := &s.Merchant
	p := reconcile.Payin{
		ProjectID: m.ProjectID, PaymentID: m.PaymentID, Amount: m.Amount, Currency: m.Currency,
		Status: m.Status, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt,
	}
	if m.SubStatus != nil {
		p.SubStatus = *m.SubStatus
	}
	if m.SettledAmount != nil {
		p.SettledAmount = *m.SettledAmount
	}
	if m.Lifetime != nil {
		p.Lifetime = *m.Lifetime
	}
	return p
}

// rows returns the merchant's rows of the sample payins. rows also counts the expected outcomes.
func (b *bench) rows(made time.Time) iter.Seq[reconcile.Payin] {
	return func(yield func(reconcile.Payin) bool) {
		b.want = expectation{outcomes: map[string]int64{}}
		for s := range sandbox.SamplesSeq(b.Payins+unasked(), 1, benchProject, made) {
			if s.Outcome == string(reconcile.Unreachable) {
				continue
			}
			row := merchantRow(&s)
			b.want.add(&s, &row)
			if !yield(row) {
				return
			}
		}
	}
}
