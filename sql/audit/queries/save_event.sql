-- Adds an event to a project's audit log.
-- The statement is safe because the caller has locked the head of the log in this transaction.
insert into hhrecon_action (
  version, project_id, run_id, seq, payment_id, currency, kind, result, reason, facts, key_id, who, note, acted_at, chain_seq, hash
)
values (
  :version, :project_id, :run_id, 0, '', '', :kind, 'none', '', :facts, :key_id, :actor, :note, :acted_at, :chain_seq, :hash
)
