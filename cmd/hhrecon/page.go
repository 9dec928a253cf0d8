package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/web"
)

// pageEntry is what schedules.yaml says of the page.
type pageEntry struct {
	Proxies []string  `yaml:"proxies"` // addresses or networks of our reverse proxies
	OIDC    *web.OIDC `yaml:"oidc"`    // its secret is HHRECON_OIDC_CLIENT_SECRET, the page's address HHRECON_PAGE_URL
}

func (v *validation) page(p pageEntry) {
	for i, text := range p.Proxies {
		_, err := parseProxy(text)
		v.check(err == nil, "%q is no address and no network: write 10.0.0.7 or 10.0.0.0/8", text).at("page", "proxies", i)
	}
	o := p.OIDC
	if o == nil {
		return
	}
	v.check(safeURL(o.Issuer), "issuer %q must be an https:// address", o.Issuer).at("page", "oidc", "issuer")
	v.check(o.ClientID != "", "client_id is missing: the provider gives it").at("page", "oidc", "client_id")
	v.check(o.RoleClaim != "", "role_claim is missing: the claim whose words roles maps, groups for one").at("page", "oidc", "role_claim")
	v.check(len(o.Roles) > 0, "roles is missing: which word of the claim is which role").at("page", "oidc", "roles")
	for word, role := range o.Roles {
		v.check(slices.Contains(reconcile.Roles, role), "role %q must be viewer, finance or admin", role).at("page", "oidc", "roles", word)
	}
}

// safeURL takes https addresses, and plain http to this machine.
func safeURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && address.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

func parseProxy(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// webSettings are the settings as the page knows them.
func (s *settings) webSettings() web.Settings {
	w := web.Settings{Zone: s.zone}
	for _, p := range s.projects {
		w.Projects = append(w.Projects, web.Project{ID: p.ID, Name: p.Name})
	}
	for _, text := range s.page.Proxies {
		if network, err := parseProxy(text); err == nil { // it was validated
			w.Proxies = append(w.Proxies, network)
		}
	}
	if s.page.OIDC != nil {
		o := *s.page.OIDC
		o.Secret, o.PageURL = s.oidcSecret, s.pageURL
		w.OIDC = &o
	}
	return w
}

// checkPage says what the environment lacks for the page, or has wrong.
func (s *settings) checkPage() error {
	switch {
	case s.page.OIDC != nil && s.oidcSecret == "":
		return usageError("page.oidc is set in %s without its secret: set HHRECON_OIDC_CLIENT_SECRET", s.source())
	case s.page.OIDC != nil && !safeURL(s.pageURL):
		return usageError("page.oidc is set in %s, so the provider must know where to send browsers back to: set HHRECON_PAGE_URL to the page's https:// address", s.source())
	case s.usersFile != "":
		if _, err := web.UserFile(s.usersFile).Read(); err != nil {
			return usageError("HHRECON_USERS_FILE: %w", err)
		}
	}
	return nil
}

// newPage makes the page for finance staff.
func (v *service) newPage() (http.Handler, error) {
	s := v.settings()
	if err := s.checkPage(); err != nil {
		return nil, err
	}
	var users web.Users = v.store
	if s.usersFile != "" {
		users = web.UserFile(s.usersFile)
	}
	return web.New(web.Options{
		Store: v.store, Users: users, Sessions: v.store.Sessions(),
		Settings: func() web.Settings { return v.settings().webSettings() },
		Launch:   v.launch, Background: v.background.begin,
		ETA: func(ctx context.Context, run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
			return v.night().etaOf(ctx, run, now)
		},
		Logger: v.log, Version: version,
	})
}

// launch starts a run as `hhrecon run` does, and returns its number once it is open. The run goes on whatever
// becomes of the request.
func (v *service) launch(ctx context.Context, r web.RunRequest) (int64, error) {
	n := v.night()
	p, err := n.settings.one(r.ProjectID)
	if err != nil {
		return 0, err
	}
	c := &runCmd{From: r.From, To: r.To, DryRun: r.DryRun, origin: reconcile.Origin{Trigger: reconcile.TriggerPage, By: r.By}}
	w, err := n.project(p)
	if err != nil {
		return 0, err
	}
	if _, err := c.selection(w, time.Now()); err != nil {
		w.client.Close()
		return 0, errors.New(strings.ReplaceAll(err.Error(), "--", "")) // the form's fields are named as the flags are
	}
	opened := make(chan int64, 1) // closed when the run has ended
	w.runner.Opened = func(run reconcile.Run) {
		select {
		case opened <- run.ID:
		default: // one was told of already
		}
	}
	var failed error
	err = v.background.begin(ctx, func(ctx context.Context) {
		defer w.client.Close()
		defer close(opened)
		if failed = caught(func() error { return c.reconcile(ctx, w) }); failed != nil {
			v.log.Warn("a run that was started on the page did not end well", "project", p.ID, "by", r.By, "why", failed)
		}
	})
	if err != nil {
		w.client.Close()
		return 0, err
	}
	select {
	case id, ok := <-opened:
		if ok {
			return id, nil
		}
		return 0, cmp.Or(failed, fmt.Errorf("no run was opened for project %s", p.ID))
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
