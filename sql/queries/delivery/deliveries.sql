-- Lists deliveries with their reports, newest first. A parameter that is 0 or empty does not limit the result.
-- The statement only reads.
select d.id, d.address as recipient_address, d.language as recipient_language, d.message_id, d.state, d.tries, d.next_at,
       d.doubtful, d.again_by as "by", d.note, d.made_at, d.sent_at, d.owner_token as token,
       r.id as report_id, r.base_id as report_base_id, r.edition as report_version, r.job as report_job,
       r.made_at as report_made_at, coalesce(r.run_id, 0) as report_scope_run_id,
       r.project_id as report_scope_project_id, r.window_from as report_scope_window_from,
       r.window_to as report_scope_window_to, case when r.edition > 0 then r.id else 0 end as report_scope_correction
from hhrecon_delivery as d
join hhrecon_report as r on r.id = d.report_id
where (cast(:id as bigint) = 0 or d.id = :id)
  and (cast(:run_id as bigint) = 0 or r.run_id = :run_id)
  and (cast(:report_id as bigint) = 0 or d.report_id = :report_id)
  and (cast(:state as text) = '' or d.state = :state)
order by d.id desc
limit :limit
