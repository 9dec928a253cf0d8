-- Returns the projects that have an audit log or runs. A project with runs must have an audit log. The log without a
-- project is not returned.
-- The statement only reads.
select project_id from hhrecon_chain where project_id <> ''
union
select project_id from hhrecon_run
order by project_id
