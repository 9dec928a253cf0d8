-- Returns the next page of a run's actions, without the events "begin" and "stop".
-- The statement only reads.
select :action_columns
from hhrecon_action as a
where a.run_id = :run_id and a.chain_seq > :beyond and a.kind not in ('begin', 'stop')
order by a.chain_seq
limit :limit
