-- What a run was weighed at by class. Safe: it only reads; the caller holds the fence.
select classes from hhrecon_run where id = :run_id
