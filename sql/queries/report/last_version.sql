-- The last edition of a base. Safe: it only reads; the caller has locked the base.
select id from hhrecon_report where base_id = :base_id order by edition desc limit 1
