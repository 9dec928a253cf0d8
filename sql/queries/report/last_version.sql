-- Returns the last version of a base report.
-- The statement only reads, and the caller has locked the base.
select id from hhrecon_report where base_id = :base_id order by edition desc limit 1
