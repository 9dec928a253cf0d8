-- Returns the projects that have an audit log, or runs, which must have one; not the log without a project. Safe: it
-- only reads.
select project_id from hhrecon_chain where project_id <> ''
union
select project_id from hhrecon_run
order by project_id
