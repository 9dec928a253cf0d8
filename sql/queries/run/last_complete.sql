-- When the project's last whole run closed that got an answer about every payin; a held one counts once a person has
-- released it. Safe: it only reads, by the index hhrecon_run_whole.
select closed_at
from hhrecon_run
where project_id = :project_id and whole and not dry_run and state in ('complete', 'released') and answered = selected
order by id desc
limit 1
