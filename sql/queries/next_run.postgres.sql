-- The run from which on none has a finding yet. Safe: it only reads; findings are of runs that are there, and the caller has
-- locked both tables.
select coalesce(max(id), 0) + 1 from hhrecon_run
