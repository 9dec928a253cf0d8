package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// demoCmd is the command `hhrecon demo`. The command executes a run with the code of `hhrecon run`, on
// SQLite and the sandbox.
type demoCmd struct {
	Payins int    `help:"Number of sample payins." default:"500"`
	Dir    string `help:"Folder for database and workbook; default: a new one in demo-out." placeholder:"DIR"`
	Serve  bool   `help:"Serve the page afterwards, and print a user to sign in as."`
}

const demoProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

func (c *demoCmd) Run(ctx context.Context, a *app) error {
	if least := len(sandbox.Scenarios()); c.Payins < least {
		return config.UsageErrorf("--payins must be at least %d, so that every outcome occurs", least)
	}
	dir, err := c.dir()
	if err != nil {
		return err
	}
	s, err := demoSettings(dir)
	if err != nil {
		return err
	}
	a.create = true
	store, err := a.connect(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Migrate(ctx, sql.MigrateOptions{SampleSchema: true}); err != nil {
		return err
	}
	samples := sandbox.Samples(c.Payins, 1, demoProject, time.Now())
	if _, err := store.SavePayins(ctx, merchantRows(samples)); err != nil {
		return err
	}
	box, stop, err := c.sandbox(filepath.Join(dir, "keys"), samples)
	if err != nil {
		return err
	}
	defer stop()
	s.APIURL = box

	n := a.runContext(s, store)
	w, err := n.OpenProjectRun(s.Projects[0])
	if err != nil {
		return err
	}
	defer w.Client.Close()
	err = (&service.Request{}).RunProject(ctx, w)
	if code := exit.Code(err); code != exit.OK && code != exit.Untrusted { // some samples are always unreachable
		return err
	}
	const end = "Database: %s\nTo run the same steps one by one, see \"hhrecon help development\".\n"
	fmt.Fprintf(a.Stdout, end, filepath.Join(dir, "demo.sqlite"))
	if c.Serve {
		return a.servePage(ctx, s, store)
	}
	return nil
}

// servePage serves the page of the demo on a free port, with a demo user.
func (a *app) servePage(ctx context.Context, s *config.Settings, store *sql.Store) error {
	password := rand.Text()
	demo := reconcile.User{Name: "demo", Role: reconcile.RoleAdmin}
	if err := auditlog.AddUser(ctx, store, actions.SystemUser(), demo, password); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Fprintf(a.Stdout, "\nThe page: sign in as demo with the password %s; Ctrl-C ends it.\n", password)
	return service.New(a.runContext(s, store)).Serve(ctx, listener)
}

// dir returns the folder that the user named, or a new folder. A demo never overwrites the files of another demo.
func (c *demoCmd) dir() (string, error) {
	if c.Dir == "" {
		if err := os.MkdirAll("demo-out", 0o700); err != nil {
			return "", err
		}
		return os.MkdirTemp("demo-out", time.Now().Format("20060102-150405-*"))
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "demo.sqlite")); !errors.Is(err, os.ErrNotExist) {
		return "", config.UsageErrorf("%s already contains a demo: give another --dir", c.Dir)
	}
	return c.Dir, os.MkdirAll(c.Dir, 0o700)
}

func demoSettings(dir string) (*config.Settings, error) {
	zone, err := time.LoadLocation("Asia/Bishkek")
	if err != nil {
		return nil, err
	}
	p := config.NewProject(config.ProjectEntry{
		ID: demoProject, Name: "Demo", PrivateKeyFile: filepath.Join(dir, "keys", "private_key.pem"), Recheck: "720h",
	}, "the demo", ".")
	p.Rate, p.AttemptTimeout, p.PayinTimeout = 2000, time.Second, 2*time.Second
	return &config.Settings{DatabaseURL: "sqlite:" + filepath.Join(dir, "demo.sqlite"), ReportDir: dir, Zone: zone,
		Projects: []config.Project{p}}, nil
}

// sandbox starts the sandbox on a free port and returns its address.
func (c *demoCmd) sandbox(keys string, samples []sandbox.Sample) (string, func(), error) {
	project, err := (&sandboxCmd{Project: demoProject, Keys: keys}).project()
	if err != nil {
		return "", nil, err
	}
	box, err := sandbox.New(sandbox.Options{Projects: []sandbox.Project{project}})
	if err != nil {
		return "", nil, err
	}
	if err := box.Load(samples); err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	answers := server.New(box)
	go func() { _ = answers.Serve(listener) }() // Serve returns when the server is closed
	return "http://" + listener.Addr().String(), func() { answers.Close(); box.Close() }, nil
}

// merchantRows returns the samples' rows in the format of the merchant's default table payins.
func merchantRows(samples []sandbox.Sample) iter.Seq[reconcile.Payin] {
	return slices.Values(reconcile.Map(samples, merchantRow))
}

func merchantRow(s sandbox.Sample) reconcile.Payin {
	m := &s.Merchant
	p := reconcile.Payin{ProjectID: m.ProjectID, PaymentID: m.PaymentID, Amount: m.Amount, Currency: m.Currency,
		Status: m.Status, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt}
	config.Fill(&p.SubStatus, m.SubStatus)
	config.Fill(&p.SettledAmount, m.SettledAmount)
	config.Fill(&p.Lifetime, m.Lifetime)
	return p
}
