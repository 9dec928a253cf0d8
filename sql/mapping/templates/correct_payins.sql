-- Writes the corrections of one batch into the rows of {{.Table}}, and returns the written payins.
-- The statement is safe because it writes a row only if the columns that a run reads still have the values that were
-- read. "is not distinct from" also compares nulls. The statement writes only statuses that this table uses.
{{- if .Xmin}}
-- xmin is the number of the transaction that wrote the row, so any change of any column prevents the write. Numbers
-- that were read before the database was restored match no row.
{{- else if not (.Has "updated_at")}}
-- The table has no time of the last change, so a change of another column does not prevent the write.
{{- end}}
{{- if .Kept}}
-- The table has no column for {{.Kept}}. The same statement writes this into hhrecon_payin.
with written as (
  {{.Update}}
  returning s.project_id, s.payment_id, s.status_after, s.sub_status_after, s.settled_amount_after
            {{- if .HasVersion}},
            {{.Read "updated_at"}} as version{{end}}
), kept as (
  insert into hhrecon_payin (project_id, payment_id, status, version, sub_status, settled_amount)
  select distinct lower(project_id), payment_id, status_after, {{if .HasVersion}}version{{else}}cast(null as timestamptz){{end}},
         {{if .Has "sub_status"}}cast(null as text){{else}}sub_status_after{{end -}}
         , {{if .Has "settled_amount"}}cast(null as bigint){{else}}settled_amount_after{{end}}
  from written
  on conflict (project_id, payment_id) do update
  set status = excluded.status, version = excluded.version, sub_status = excluded.sub_status,
      settled_amount = excluded.settled_amount
)
select payment_id{{if .Has "updated_at"}}, version as updated_at{{end}}
from written
{{- else}}
{{.Update}}
returning {{.Read "payment_id"}} as payment_id{{if .Has "updated_at"}}, {{.Read "updated_at"}} as updated_at{{end}}
{{- end}}
