-- Counts the payins of {{.Table}} that were created from :from (inclusive) to :to (exclusive), by status. hhrecon
-- reports the statuses that it treats neither as open nor as final.{{with .Ignored}} It does not count {{.}}.{{end}} Safe: it only reads.
select {{.Read "status"}} as word, count(*) as count
from {{.Table}} as p
where {{.Project}}
  and {{.After "created_at" ":from"}}
  and {{.Before "created_at" ":to"}}{{with .Ignored}}
  and ({{$.Read "status"}} in ({{.}})) is not true{{end}}{{.Alive}}
group by {{.Raw "status"}}
