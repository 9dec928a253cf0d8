{{define "create"}}create index {{if ne .Mapping.Table.Kind "partitioned table"}}concurrently {{end}}if not exists{{end -}}
-- Indexes of {{.Table}} for hhrecon's queries. Run these statements as the owner of the table. If \d shows an index
-- that begins with the same columns, omit the statement.
{{- if eq .Mapping.Table.Kind "partitioned table"}} They block writing to the table until they end.
{{- else}} They do not block the table (CONCURRENTLY), so run
-- them outside of a transaction.{{end}}

-- For open_payins.sql: the table has about {{.Mapping.Table.Rows}} rows, and few of them are open.
{{template "create" .}} {{ident (print "hhrecon_open_" .Mapping.Table.Name)}}
  on {{.Table}} ({{.Columns "project_id" "status" "created_at"}});
{{- with .KeyIndex}}

-- For reading one payin: without this index, each correction reads the whole table.
{{template "create" $}} {{ident (print "hhrecon_payment_id_" $.Mapping.Table.Name)}}
  on {{$.Table}} ({{.}});
{{- end}}
{{- if .Has "updated_at"}}

-- For final_payins.sql, only if hhrecon check says that it takes longer than 2 s. With this index, PostgreSQL does more
-- work for each update of the table.
-- {{template "create" .}} {{ident (print "hhrecon_final_" .Mapping.Table.Name)}}
--   on {{.Table}} ({{.Columns "project_id" "updated_at"}});
{{- end}}
