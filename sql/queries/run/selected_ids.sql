-- Returns the IDs of the payins that a run has selected, to find requested payins that are missing.
-- The statement only reads.
select payment_id from hhrecon_selection where run_id = :run_id
