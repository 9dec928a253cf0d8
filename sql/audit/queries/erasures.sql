-- The actions of a project's audit log that emptied answers. Safe: it only reads.
select chain_seq, facts from hhrecon_action
where project_id = :project_id and kind = 'erase' and facts is not null
order by chain_seq
