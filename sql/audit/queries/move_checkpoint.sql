-- Moves the checkpoint past the next entries.
-- The statement is safe because the checkpoint moves only from the position that the caller read, and a trigger
-- compares the hash with the entry's hash.
update hhrecon_anchor
set chain_seq = :to,
    hash = (
      select f.hash from hhrecon_finding as f where f.project_id = :project_id and f.chain_seq = :to
      union all
      select a.hash from hhrecon_action as a where a.project_id = :project_id and a.chain_seq = :to
    )
where project_id = :project_id and chain_seq = :from and goal >= :to
