-- Indexes of {{.Table}} for hhrecon's queries. Run these statements as the owner of the table. If \d shows an index
-- that begins with the same columns, omit the statement.{{if eq .Mapping.Table.Kind "partitioned table"}} They block writing to the table until they end.{{else}} They do not block the table (CONCURRENTLY), so run
-- them outside of a transaction.{{end}}

-- For open_payins.sql: the table has about {{.Mapping.Table.Rows}} rows, and few of them are open.
{{.CreateIndex "open" .OpenIndex}};
{{- with .KeyIndex}}

-- For reading one payin: without this index, each correction reads the whole table.
{{$.CreateIndex "payment_id" .}};
{{- end}}
