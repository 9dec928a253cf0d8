package main

import (
	"context"
	"errors"
	"fmt"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
	"hhrecon/reconcile/username"
	"hhrecon/reports/web/auth"
	"hhrecon/sql"
)

// userCmd is the command `hhrecon user`.
type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add a user, or change one's password and role."`
	List   userListCmd   `cmd:"" help:"List the users."`
	Remove userRemoveCmd `cmd:"" help:"Remove a user; it takes effect at once."`
	Token  userTokenCmd  `cmd:"" help:"Print a token for the command line, or revoke a user's tokens."`
}

// userAddCmd is the command `hhrecon user add NAME --role ROLE`. The command asks for the password on a terminal, and
// otherwise reads the password from standard input.
type userAddCmd struct {
	Name  string `arg:"" help:"The name, as the audit log shows it."`
	Role  string `required:"" enum:"viewer,finance,admin" help:"viewer, finance or admin." placeholder:"ROLE"`
	Print bool   `help:"Print a line for HHRECON_USERS_FILE instead of storing the user."`
}

func (c *userAddCmd) Run(ctx context.Context, a *app) (err error) {
	if c.Name, err = username.Check(c.Name); err != nil {
		return config.UsageErrorf("%w", err)
	}
	if c.Print {
		password, err := a.Console.AskPassword()
		if err != nil {
			return config.UsageErrorf("%w", err)
		}
		hash, err := auth.HashPassword(c.Name, password)
		if err != nil {
			return config.UsageErrorf("%w", err)
		}
		fmt.Fprintf(a.Stdout, "%s:%s:%s\n", c.Name, c.Role, hash)
		return nil
	}
	return a.withUsers(ctx, func(by reconcile.Person, store *sql.Store) error {
		password, err := a.Console.AskPassword()
		if err != nil {
			return config.UsageErrorf("%w", err)
		}
		u := reconcile.User{Name: c.Name, Role: reconcile.Role(c.Role)}
		if err := auditlog.AddUser(ctx, store, by, u, password); err != nil {
			return err
		}
		fmt.Fprintf(a.Stdout, "%s may sign in as %s.\n", c.Name, c.Role)
		return nil
	})
}

// userListCmd is the command `hhrecon user list`.
type userListCmd struct{}

func (userListCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		return actions.WriteUsers(ctx, a.Stdout, n.Settings, n.Store)
	})
}

// userRemoveCmd is the command `hhrecon user remove NAME`.
type userRemoveCmd struct {
	Name string `arg:"" help:"The user."`
}

func (c *userRemoveCmd) Run(ctx context.Context, a *app) error {
	return a.withUsers(ctx, func(by reconcile.Person, store *sql.Store) error {
		err := auditlog.DropUser(ctx, store, by, c.Name)
		if errors.Is(err, reconcile.ErrNoUser) {
			return config.UsageErrorf("there is no user %q: run \"hhrecon user list\" to list the users", c.Name)
		}
		if err == nil {
			fmt.Fprintf(a.Stdout, "%s is removed and signed out.\n", c.Name)
		}
		return err
	})
}

// withUsers calls withStore for a command that changes users in the database. withUsers returns an error if a users
// file is configured, because the change would have no effect.
func (a *app) withUsers(ctx context.Context, do func(by reconcile.Person, store *sql.Store) error) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		if n.Settings.UsersFile != "" {
			return config.UsageErrorf("the users are in %s (HHRECON_USERS_FILE): run \"hhrecon user add NAME --role ROLE "+
				"--print\", and add the line that it prints to the file", n.Settings.UsersFile)
		}
		by, err := actions.Who{}.Person(ctx, n.Settings, n.Store, reconcile.RoleAdmin)
		if err != nil {
			return err
		}
		return do(by, n.Store)
	})
}

// userTokenCmd is the command `hhrecon user token NAME`.
type userTokenCmd struct {
	Name    string `arg:"" help:"The user."`
	Expires string `help:"How long the token is valid, such as 90d." default:"90d" placeholder:"AGE"`
	Revoke  bool   `help:"Revoke all tokens of the user."`
}

func (c *userTokenCmd) Run(ctx context.Context, a *app) error {
	age, ok := config.ParseAge(c.Expires)
	if !ok || age == 0 {
		return config.UsageErrorf("--expires %q is not a duration: write 90d or 12h", c.Expires)
	}
	return a.withStore(ctx, func(n *service.RunContext) error {
		if c.Revoke {
			return actions.RevokeTokens(ctx, n.Settings, n.Store, c.Name)
		}
		return actions.WriteToken(ctx, a.Stdout, n.Settings, n.Store, c.Name, age)
	})
}
