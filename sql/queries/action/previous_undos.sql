-- Returns earlier attempts to undo rows that were not restored.
-- The statement only reads.
select :action_columns
from hhrecon_action as a
where a.run_id = :run_id and a.seq in (:seqs) and a.kind = 'undo' and a.result in ('superseded', 'refused')
order by a.chain_seq
