package main

import (
	"context"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
)

// userTokenCmd is `hhrecon user token NAME`.
type userTokenCmd struct {
	Name    string `arg:"" help:"The user."`
	Expires string `help:"How long it is good, such as 90d." default:"90d" placeholder:"AGE"`
	Revoke  bool   `help:"Revoke all tokens of the user, in place of making one."`
}

func (c *userTokenCmd) Run(ctx context.Context, a *app) error {
	age, ok := config.ParseAge(c.Expires)
	if !ok || age == 0 {
		return usageError("--expires %q is not an age: write 90d or 12h", c.Expires)
	}
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		if c.Revoke {
			return actions.RevokeTokens(ctx, s, store, c.Name)
		}
		return actions.WriteToken(ctx, a.Stdout, s, store, c.Name, age)
	})
}
