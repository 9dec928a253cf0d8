-- Returns the actions of a project's audit log that erased answers. Such actions do not belong to a run.
-- The statement only reads, using the index hhrecon_action_run.
select chain_seq, facts from hhrecon_action
where project_id = :project_id and run_id is null and kind = 'erase' and facts is not null
order by chain_seq
