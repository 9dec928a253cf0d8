-- The payins that a run has selected, to see which of those asked for by name are missing. Safe: it
-- only reads.
select payment_id from hhrecon_selection where run_id = :run_id
