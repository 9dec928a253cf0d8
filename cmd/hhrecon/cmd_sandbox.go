package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/csv"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/server"
	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
)

// sandboxCmd is the command `hhrecon sandbox`.
type sandboxCmd struct {
	Listen       string        `help:"Address to listen on." default:"127.0.0.1:8090"`
	Project      string        `help:"The project's id." default:"57aff4db-b45d-42bf-bc5f-b7a499a01782" placeholder:"ID"`
	Keys         string        `help:"Folder of the keys; created if missing." default:"sandbox-keys" placeholder:"DIR"`
	Payins       int           `help:"Number of sample payins, with every outcome among them." placeholder:"N"`
	Seed         uint64        `help:"Seed of the sample payins." default:"1"`
	Until        time.Time     `help:"Creation time of the sample payins; default: now." placeholder:"T"`
	Rows         string        `help:"File for the merchant's rows of the sample payins, as CSV." placeholder:"FILE"`
	Latency      time.Duration `help:"Delay of every answer."`
	AlertURL     string        `name:"alert-url" help:"Address for alerts." placeholder:"URL"`
	AlertTimes   int           `help:"Number of times each alert is sent." default:"1"`
	AlertRetries int           `help:"Number of retries of an alert without a 2xx answer." placeholder:"N"`
}

func (c *sandboxCmd) Run(ctx context.Context, a *app) error {
	if !highhelp.ValidProjectID(c.Project) {
		return config.UsageErrorf("--project %q is not a UUID", c.Project)
	}
	if c.Rows != "" && c.Payins == 0 {
		return config.UsageErrorf("--rows needs --payins")
	}
	project, err := c.project()
	if err != nil {
		return err
	}
	box, err := sandbox.New(sandbox.Options{
		Projects: []sandbox.Project{project}, Latency: c.Latency, AlertURL: c.AlertURL, Logger: a.Log,
		AlertTimes: c.AlertTimes, AlertRetries: c.AlertRetries,
	})
	if err != nil {
		return config.UsageErrorf("sandbox: %w", err)
	}
	defer box.Close()
	if c.Payins > 0 {
		if err := c.load(box); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return config.UsageErrorf("sandbox: %w", err)
	}
	fmt.Fprintf(a.Stdout, "The sandbox answers as HighHelp at http://%[1]s and is controlled at http://%[1]s/sandbox/\n\n"+
		"export HHRECON_API_URL=http://%[1]s\nexport HHRECON_PROJECT_ID=%[2]s\nexport HHRECON_PRIVATE_KEY_FILE=%[3]s\n",
		listener.Addr(), c.Project, filepath.Join(c.Keys, "private_key.pem"))
	go box.Run(ctx)

	mux := http.NewServeMux()
	mux.Handle("/sandbox/", box.Control())
	mux.Handle("/", box)
	return server.Serve(ctx, listener, mux)
}

// project reads the keys of the project, and creates missing keys.
func (c *sandboxCmd) project() (sandbox.Project, error) {
	r := sandbox.Project{
		ProjectID: c.Project,
		Balances:  []sandbox.Balance{{Currency: "KGS", Amount: 125_000_000, LockedAmount: 3_500_000}},
	}
	if err := os.MkdirAll(c.Keys, 0o700); err != nil {
		return r, config.UsageErrorf("sandbox keys: %w", err)
	}
	request, err := keyPair(c.Keys, "private_key.pem", "public_key.pem")
	if err != nil {
		return r, err
	}
	r.PublicKey = &request.PublicKey
	if r.AlertKey, err = keyPair(c.Keys, "alert_private_key.pem", "alert_key.pem"); err != nil {
		return r, err
	}
	r.Secret, err = secret(c.Keys, "hmac_private_key.txt")
	return r, err
}

// keyPair reads a private key from a folder. If the key is missing, keyPair creates a private key and its public key.
func keyPair(dir, private, public string) (*rsa.PrivateKey, error) {
	file := filepath.Join(dir, private)
	text, err := readOrMake(file, func() ([]byte, error) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
	})
	if err != nil {
		return nil, err
	}
	key, err := highhelp.ParsePrivateKey(text)
	if err != nil {
		return nil, config.UsageErrorf("%s: %w", file, err)
	}
	_, err = readOrMake(filepath.Join(dir, public), func() ([]byte, error) {
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), err
	})
	return key, err
}

func secret(dir, name string) ([]byte, error) {
	text, err := readOrMake(filepath.Join(dir, name), func() ([]byte, error) {
		return []byte(rand.Text() + rand.Text() + "\n"), nil
	})
	if err != nil {
		return nil, err
	}
	return highhelp.ParseSecret(text)
}

// readOrMake reads a file, and creates it if it is missing.
func readOrMake(file string, generate func() ([]byte, error)) ([]byte, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if text, err = generate(); err != nil {
			return nil, err
		}
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return nil, config.UsageErrorf("sandbox keys: %w", err)
	}
	return text, nil
}

// load adds sample payins to the sandbox, and writes the merchant's rows for them.
func (c *sandboxCmd) load(box *sandbox.Sandbox) error {
	out := io.Discard
	if c.Rows != "" {
		file, err := os.Create(c.Rows)
		if err != nil {
			return config.UsageErrorf("--rows: %w", err)
		}
		defer file.Close()
		out = file
	}
	if c.Until.IsZero() {
		c.Until = time.Now()
	}
	rows := csv.NewWriter(out)
	_ = rows.Write(sandbox.RowColumns) // rows.Error returns the first error
	for sample := range sandbox.SamplesSeq(c.Payins, c.Seed, c.Project, c.Until) {
		if err := box.Load([]sandbox.Sample{sample}); err != nil {
			return err
		}
		if err := rows.Write(sample.Merchant.Record()); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}
