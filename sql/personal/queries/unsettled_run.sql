-- Returns a run that has an answer about a payin, but no finding yet.
-- The statement only reads.
select run_id from hhrecon_selection
where project_id = :project_id and payment_id = :payment_id and answer_digest is not null
order by run_id
limit 1
