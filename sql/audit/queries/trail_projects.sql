-- The projects that have an audit trail, or runs that should have left one. Safe: it only reads.
select project_id from hhrecon_chain
union
select project_id from hhrecon_run
order by project_id
