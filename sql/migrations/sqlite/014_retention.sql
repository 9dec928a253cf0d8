-- +goose Up
-- Up to where a project's audit trail was taken out by age. The entry at which it stands was its last one then; "hhrecon verify"
-- goes on from its hash.
create table hhrecon_anchor (
  project_id text    primary key,
  chain_seq  integer not null default 0,  -- of the last entry that was taken out
  hash       text    not null default '', -- of that entry: the next one's hash rests on it
  goal       integer not null default 0 check (goal >= chain_seq), -- up to where the present thinning goes; one that broke off goes on
  runs       integer not null default 0,  -- how many runs were taken out in all
  until      text,                        -- when the latest of them started
  retention  text    not null default '', -- the setting that they were too old for
  thinned_at text                         -- when that was
) strict;

alter table hhrecon_run add column thinned_at text; -- since when it is being taken out; nobody finds it any more
create index hhrecon_run_thinned on hhrecon_run (project_id, id) where thinned_at is not null;
-- What a run's deletion looks for.
create index hhrecon_alert_run on hhrecon_alert (run_id) where run_id is not null;
create index hhrecon_alert_age on hhrecon_alert (project_id, received_at) where state <> 'waiting';

-- An anchor goes forward only, over entries that are there, and takes the hash of the last of them.
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

-- The audit trail's rows are never changed, and deleted only behind their project's anchor: "hhrecon prune" moves it first, in
-- the same transaction.
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
