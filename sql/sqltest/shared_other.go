//go:build !unix

package sqltest

func shared() (string, error) { return "", errNoPostgres }

func fastFolder() string { return "" }
