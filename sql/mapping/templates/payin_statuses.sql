{{define "ignored"}}{{range $i, $word := .}}{{if $i}}, {{end}}{{literal $word}}{{end}}{{end -}}
-- Counts the payins of {{.Table}} that were created from :from (inclusive) to :to (exclusive), by status. hhrecon
-- reports the statuses that it treats neither as open nor as final.{{with .WordsOf false "ignore"}} It does not count {{template "ignored" .}}.{{end}}
-- The statement only reads.
select {{.Word}} as word, count(*) as count
from {{.Table}} as p
where {{.IsProject ":project_id"}}
  and {{template "created" .}}{{with .WordsOf false "ignore"}}
  and ({{$.Word}} in ({{template "ignored" .}})) is not true{{end}}{{template "alive" .}}
group by {{.Raw "status"}}
