-- +goose Up
-- This table contains the checkpoints. A checkpoint is the last entry of a project's audit log that was deleted because
-- of its age. "hhrecon verify" continues from the hash of that entry.
create table hhrecon_anchor (
  project_id text        primary key,
  chain_seq  bigint      not null default 0,
  hash       text        not null default '',
  goal       bigint      not null default 0 check (goal >= chain_seq),
  runs       bigint      not null default 0,
  until      timestamptz,
  retention  text        not null default '',
  thinned_at timestamptz
);

alter table hhrecon_run add column thinned_at timestamptz;
create index hhrecon_run_thinned on hhrecon_run (project_id, id) where thinned_at is not null;
-- This index is used when a run is deleted.
create index hhrecon_alert_run on hhrecon_alert (run_id) where run_id is not null;
create index hhrecon_alert_age on hhrecon_alert (project_id, received_at) where state <> 'waiting';

-- A checkpoint only moves forward to an existing entry, and takes that entry's hash.
-- +goose StatementBegin
create function hhrecon_anchor_moves() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.chain_seq = 0 and new.hash = '' then
      return new;
    end if;
  elsif tg_op = 'UPDATE' then
    if new.project_id = old.project_id and (
      new.chain_seq = old.chain_seq and new.hash = old.hash
      or new.chain_seq > old.chain_seq and exists (
        select 1 from hhrecon_finding as f
        where f.project_id = new.project_id and f.chain_seq = new.chain_seq and f.hash = new.hash
        union all
        select 1 from hhrecon_action as a
        where a.project_id = new.project_id and a.chain_seq = new.chain_seq and a.hash = new.hash
      )
    ) then
      return new;
    end if;
  end if;
  raise exception 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash';
end
$$;
-- +goose StatementEnd
create trigger hhrecon_anchor_forward before insert or update or delete on hhrecon_anchor
  for each row execute function hhrecon_anchor_moves();

-- Rows of the audit log are never changed, and deleted only up to their project's checkpoint. "hhrecon prune" moves the
-- checkpoint first, in the same transaction. The triggers are row triggers, so partitions also have them.
-- +goose StatementBegin
create function hhrecon_keep_row() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (
    select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq
  ) then
    return old;
  end if;
  raise exception '% is an audit trail: its rows are never changed and never deleted', tg_argv[0];
end
$$;
-- +goose StatementEnd
drop trigger hhrecon_finding_kept on hhrecon_finding;
create trigger hhrecon_finding_kept before update or delete on hhrecon_finding
  for each row execute function hhrecon_keep_row('hhrecon_finding');
create trigger hhrecon_finding_whole before truncate on hhrecon_finding
  for each statement execute function hhrecon_keep();
drop trigger hhrecon_action_kept on hhrecon_action;
create trigger hhrecon_action_kept before update or delete on hhrecon_action
  for each row execute function hhrecon_keep_row('hhrecon_action');
create trigger hhrecon_action_whole before truncate on hhrecon_action
  for each statement execute function hhrecon_keep();

comment on table  hhrecon_anchor            is 'Checkpoints: up to where each project''s audit log was deleted by age.';
comment on column hhrecon_anchor.chain_seq  is 'position of the last deleted entry';
comment on column hhrecon_anchor.hash       is 'hash of that entry, on which the next entry''s hash is based';
comment on column hhrecon_anchor.goal       is 'up to where the current pruning deletes; an interrupted pruning continues';
comment on column hhrecon_anchor.runs       is 'number of deleted runs';
comment on column hhrecon_anchor.until      is 'when the latest deleted run started';
comment on column hhrecon_anchor.retention  is 'the retention setting of the last pruning';
comment on column hhrecon_anchor.thinned_at is 'when the last pruning began';
comment on column hhrecon_run.thinned_at    is 'when its deletion began; the run is hidden since then';
