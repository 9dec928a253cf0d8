-- Returns the projects that have an audit log or runs. A project with runs must have an audit log. The log without a
-- project is not returned.
-- The statement only reads. It reads one run of each project, using the index hhrecon_run_project.
with recursive project (id) as (
  select min(r.project_id) from hhrecon_run as r
  union all
  select (select min(r.project_id) from hhrecon_run as r where r.project_id > project.id) from project where project.id is not null
)
select id as project_id from project where id is not null
union
select project_id from hhrecon_chain where project_id <> ''
order by project_id
