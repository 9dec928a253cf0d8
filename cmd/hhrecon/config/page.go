package config

import (
	"net/netip"
	"net/url"
	"slices"

	"hhrecon/reconcile"
	"hhrecon/reports/web"
	"hhrecon/reports/web/auth"
)

// PageEntry is the section "page" of schedules.yaml.
type PageEntry struct {
	Proxies []string `yaml:"proxies"` // addresses or networks of the merchant's reverse proxies
	// HHRECON_OIDC_CLIENT_SECRET contains the client secret, and HHRECON_PAGE_URL contains the page's URL
	OIDC *web.OIDC `yaml:"oidc"`
}

func (v *validation) page(p PageEntry) {
	for i, text := range p.Proxies {
		_, err := parseProxy(text)
		v.check(err == nil, "%q is neither an address nor a network: write 10.0.0.7 or 10.0.7.0/28", text).at("page",
			"proxies", i)
	}
	o := p.OIDC
	if o == nil {
		return
	}
	v.check(safeURL(o.Issuer), "issuer %q must be an https:// address", o.Issuer).at("page", "oidc", "issuer")
	v.check(o.ClientID != "", "client_id is missing: copy it from the provider").at("page", "oidc", "client_id")
	v.check(o.RoleClaim != "",
		"role_claim is missing: name the claim whose values are in roles, for example groups").at("page",
		"oidc", "role_claim")
	v.check(len(o.Roles) > 0, "roles is missing: map values of the claim to roles").at("page", "oidc", "roles")
	for word, role := range o.Roles {
		v.check(slices.Contains(reconcile.Roles, role), "role %q must be viewer, finance or admin", role).at("page", "oidc",
			"roles", word)
	}
}

// safeURL reports whether an address is https, or plain http to this machine.
func safeURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && Loopback(u.Hostname())
}

// Loopback reports whether a host is a loopback address.
func Loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

func parseProxy(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// WebSettings returns the settings of the page.
func (s *Settings) WebSettings() web.Settings {
	w := web.Settings{Zone: s.Zone, Projects: reconcile.Map(s.Projects, func(p Project) web.Project {
		return web.Project{ID: p.ID, Name: p.Name, Above: p.ApproveAbove, Shadow: p.Shadow}
	})}
	for _, text := range s.Page.Proxies {
		if network, err := parseProxy(text); err == nil { // err is always nil, since the settings were validated
			w.Proxies = append(w.Proxies, network)
		}
	}
	if s.Page.OIDC != nil {
		o := *s.Page.OIDC
		o.Secret, o.PageURL = s.OIDCSecret, s.PageURL
		w.OIDC = &o
	}
	return w
}

// CheckPage returns an error if a setting that the page needs is missing in the environment.
func (s *Settings) CheckPage() error {
	switch {
	case s.Page.OIDC != nil && s.OIDCSecret == "":
		return UsageErrorf("page.oidc is set in %s without its secret: set HHRECON_OIDC_CLIENT_SECRET", s.Source())
	case s.Page.OIDC != nil && !safeURL(s.PageURL):
		return UsageErrorf("page.oidc is set in %s, but the provider needs the address of the page: set "+
			"HHRECON_PAGE_URL to the page's https:// address", s.Source())
	case s.UsersFile != "":
		if _, err := auth.UserFile(s.UsersFile).Read(); err != nil {
			return UsageErrorf("HHRECON_USERS_FILE: %w", err)
		}
	}
	return nil
}
