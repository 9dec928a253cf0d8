-- Sets the rights of {{.User}}, the database user that runs hhrecon. Run this with psql as a superuser after the first
-- "hhrecon migrate". After each later one, part 2 is enough.

-- Part 1: the columns that the queries read, and the columns that correct_payins.sql writes.
{{range .Rights}}{{.}};
{{end}}
{{.RuntimeGrants}}
