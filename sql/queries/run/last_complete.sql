-- Returns when the project's last complete run closed. A complete run selects all open payins and has an answer about
-- every payin. A held run counts after a person releases it.
-- The statement only reads, using the index hhrecon_run_whole.
select closed_at
from hhrecon_run
where project_id = :project_id and whole and not dry_run and state in ('complete', 'released') and answered = selected
order by id desc
limit 1
