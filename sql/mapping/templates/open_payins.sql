-- Returns the open payins of {{.Table}} that were created from :from (inclusive) to :to (exclusive). It also
-- returns payins without a valid time of creation, which hhrecon reports as faulty. Safe: it only reads. hhrecon
-- includes this statement in its own statement, so all payins are selected in one snapshot.
select {{.Payin}}
from {{.Table}} as p
where {{.Project}}
  and ({{.After "created_at" ":from"}} and {{.Before "created_at" ":to"}}
       or {{.Timeless}})
  and {{.StatusIn ":open_statuses"}}{{.Alive}}
