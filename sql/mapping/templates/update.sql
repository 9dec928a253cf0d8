update {{.Table}} as p
set {{.Changes}}
from hhrecon_selection as s
where s.run_id = :run_id
  and s.seq between :first and :last
  and s.changes
  and {{.Own}}
  and {{.IsProject "s.project_id"}}
  and {{.Read "payment_id"}} = s.payment_id
  and {{.Read "status"}} = s.status{{range .Guards}}
  and {{.}}{{end}}{{template "alive" .}}
