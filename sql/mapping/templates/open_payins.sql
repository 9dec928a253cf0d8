{{define "alive"}}{{with .Alive}}
  and ({{.}}){{end}}{{end -}}
{{define "created"}}{{.Raw "created_at"}} >= {{.Stored "created_at" ":from"}} and {{.Raw "created_at"}} < {{.Stored "created_at" ":to"}}{{end -}}
-- Returns the open payins of {{.Table}} that were created from :from (inclusive) to :to (exclusive). It also
-- returns payins without a valid time of creation, which hhrecon reports as faulty.
-- The statement only reads. hhrecon includes this statement in its own statement, so all payins are selected in one
-- snapshot.
select {{.Payin}}
from {{.Table}} as p
where {{.IsProject ":project_id"}}
  and ({{template "created" .}}
       or {{.Raw "created_at"}} is null or {{.Raw "created_at"}} in ('-infinity', 'infinity'))
  and {{.StatusIn ":open_statuses"}}{{template "alive" .}}
