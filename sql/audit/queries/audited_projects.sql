-- The projects that have an audit trail, or runs that should have left one; not the log that is about no project. Safe: it only reads.
select project_id from hhrecon_chain where project_id <> ''
union
select project_id from hhrecon_run
order by project_id
