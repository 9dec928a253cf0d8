-- When the oldest run started that is kept; null: there is none. Safe: it only reads.
select min(started_at) from hhrecon_run where thinned_at is null
