-- Returns the project's open payins that were created from :from (inclusive) to :to (exclusive). It also returns payins
-- without a valid created_at, which hhrecon reports as faulty.
-- The statement only reads. hhrecon includes this statement in its own statement, so all payins are selected in one
-- snapshot.
select project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime,
       created_at, updated_at
from payins
where project_id = :project_id
  and (created_at >= :from and created_at < :to or created_at is null or created_at in ('-infinity', 'infinity'))
  and status in (:open_statuses)
