-- +goose Up
-- This table contains the checkpoints. A checkpoint is the last entry of a project's audit log that was deleted because
-- of its age. "hhrecon verify" continues from the hash of that entry.
create table hhrecon_anchor (
  project_id text    primary key,
  chain_seq  integer not null default 0,  -- position of the last deleted entry
  hash       text    not null default '', -- hash of the last deleted entry; the next entry's hash covers it
  goal       integer not null default 0 check (goal >= chain_seq), -- last position that the current pruning deletes; an interrupted pruning continues up to it
  runs       integer not null default 0,  -- number of deleted runs
  until      text,                        -- when the latest deleted run started
  retention  text    not null default '', -- the retention setting of the last pruning
  thinned_at text                         -- when the last pruning began
) strict;

alter table hhrecon_run add column thinned_at text; -- when the run's deletion began; the run is hidden since then
create index hhrecon_run_thinned on hhrecon_run (project_id, id) where thinned_at is not null;
-- This index is used when a run is deleted.
create index hhrecon_alert_run on hhrecon_alert (run_id) where run_id is not null;
create index hhrecon_alert_age on hhrecon_alert (project_id, received_at) where state <> 'waiting';

-- A checkpoint only moves forward to an existing entry, and takes that entry's hash.
-- +goose StatementBegin
create trigger hhrecon_anchor_begins before insert on hhrecon_anchor
when new.chain_seq <> 0 or new.hash <> ''
begin
  select raise(abort, 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger hhrecon_anchor_forward before update on hhrecon_anchor
when not (new.project_id = old.project_id and (
  new.chain_seq = old.chain_seq and new.hash = old.hash
  or new.chain_seq > old.chain_seq and exists (
    select 1 from hhrecon_finding as f
    where f.project_id = new.project_id and f.chain_seq = new.chain_seq and f.hash = new.hash
    union all
    select 1 from hhrecon_action as a
    where a.project_id = new.project_id and a.chain_seq = new.chain_seq and a.hash = new.hash
  )
))
begin
  select raise(abort, 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger hhrecon_anchor_stays before delete on hhrecon_anchor
begin
  select raise(abort, 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash');
end;
-- +goose StatementEnd

-- Rows of the audit log are never changed, and deleted only up to their project's checkpoint. "hhrecon prune" moves the
-- checkpoint first, in the same transaction.
drop trigger hhrecon_finding_kept;
-- +goose StatementBegin
create trigger hhrecon_finding_kept before delete on hhrecon_finding
when not exists (select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq)
begin
  select raise(abort, 'hhrecon_finding is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
drop trigger hhrecon_action_kept;
-- +goose StatementBegin
create trigger hhrecon_action_kept before delete on hhrecon_action
when not exists (select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq)
begin
  select raise(abort, 'hhrecon_action is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
