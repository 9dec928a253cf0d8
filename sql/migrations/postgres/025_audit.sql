-- +goose Up
-- Entry hashes can use a key. If the log has entries with a key, a process without the key cannot add entries.
alter table hhrecon_chain add column key_id text;
comment on column hhrecon_chain.key_id is 'id of the key of the last entry''s hash; null: SHA-256 without a key';
comment on column hhrecon_action.kind is 'release, discard, undo, decide, undo_decision, abandon, erase: a person''s action on payins; others are events, such as begin, prune or sign_in, with their facts';
comment on column hhrecon_action.project_id is 'empty: not about a project';

-- This function updates the planner's statistics of the selection for a user that does not own the table.
-- +goose StatementBegin
create function hhrecon_analyze_selection() returns void language plpgsql security definer set search_path from current as $$
begin
  analyze hhrecon_selection (run_id, seq, project_id, payment_id, outcome, changes);
end
$$;
-- +goose StatementEnd
