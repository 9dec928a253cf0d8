{{- if .Has "updated_at" -}}
-- Returns the final payins of {{.Table}} that changed at or after :from. A run queries HighHelp about these payins
-- again.
-- The statement only reads, and a run never changes a final row.
{{- else -}}
-- Returns the final payins of {{.Table}} that were created at most 7 days before :from, or later. The table does
-- not say when a payin became final. Nearly all payins become final within 7 days. A run queries HighHelp about these
-- payins again.
-- The statement only reads, and a run never changes a final row.
{{- end}}
select {{.Payin}}
from {{.Table}} as p
where {{.IsProject ":project_id"}}
  and {{if .Has "updated_at"}}{{.Raw "updated_at"}} >= {{.Stored "updated_at" ":from"}}
      {{- else}}{{.Raw "created_at"}} >= {{.Stored "created_at" "cast(:from as timestamptz) - interval '7 days'"}}{{end}}
  and {{.StatusIn ":final_statuses"}}{{template "alive" .}}
