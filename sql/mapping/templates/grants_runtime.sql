-- Sets the rights of {{.User}}, the database user that runs hhrecon. Run this with psql as a superuser after the first
-- "hhrecon migrate". After each later one, part 2 is enough.

-- Part 1: the columns that the queries read, and the columns that correct_payins.sql writes.
GRANT USAGE ON SCHEMA {{ident .Mapping.Table.Schema}} TO "{{.User}}";
GRANT SELECT ({{names .Reads}}),
  UPDATE ({{names .Written}})
  ON {{.Table}} TO "{{.User}}";
{{- range .Lookups}}
{{- if ne .Schema $.Mapping.Table.Schema}}
GRANT USAGE ON SCHEMA {{ident .Schema}} TO "{{$.User}}";
{{- end}}
GRANT SELECT ({{ident .Key}}, {{ident .Name}}) ON {{ident .Schema}}.{{ident .Table}} TO "{{$.User}}";
{{- end}}

{{.RuntimeGrants}}
