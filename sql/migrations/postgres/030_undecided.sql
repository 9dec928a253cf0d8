-- +goose Up
-- This table contains the findings that may wait for a person's decision, so that the page and the metrics need not
-- read the findings that people decided long ago. The triggers add findings, also if an earlier version of hhrecon
-- still runs. CloseRun and ApplyDecision remove findings that no longer wait.
create table hhrecon_undecided (
  project_id text   not null,
  run_id     bigint not null,
  seq        bigint not null,
  primary key (project_id, run_id, seq)
);

comment on table  hhrecon_undecided     is 'Findings that may wait for a person''s decision. Others that wait do not exist.';
comment on column hhrecon_undecided.seq is 'position of the finding in its run';

insert into hhrecon_undecided (project_id, run_id, seq)
select f.project_id, f.run_id, f.seq
from hhrecon_finding as f
join hhrecon_run as r on r.id = f.run_id and r.closed_at is not null and not r.dry_run
where f.outcome in ('different_amount', 'reversed')
  and not exists (
    select 1
    from hhrecon_finding as later
    join hhrecon_run as l on l.id = later.run_id and l.closed_at is not null and not l.dry_run
    where later.project_id = f.project_id and later.payment_id = f.payment_id and later.run_id > f.run_id
  );

-- A closed run adds its findings. An undone decision adds the findings of its payin. The functions have the rights of
-- the owner, because an earlier version may run with a database user that has no rights on this table yet.
-- +goose StatementBegin
create function hhrecon_add_undecided() returns trigger language plpgsql security definer set search_path from current as $$
begin
  if tg_table_name = 'hhrecon_run' then
    insert into hhrecon_undecided (project_id, run_id, seq)
    select f.project_id, f.run_id, f.seq from hhrecon_finding as f
    where f.run_id = new.id and f.outcome in ('different_amount', 'reversed')
    on conflict do nothing;
  else
    insert into hhrecon_undecided (project_id, run_id, seq)
    select f.project_id, f.run_id, f.seq from hhrecon_finding as f
    where f.project_id = new.project_id and f.payment_id = new.payment_id and f.outcome in ('different_amount', 'reversed')
    on conflict do nothing;
  end if;
  return null;
end
$$;
-- +goose StatementEnd
create trigger hhrecon_run_undecided after update of closed_at on hhrecon_run
  for each row when (old.closed_at is null and new.closed_at is not null and not new.dry_run)
  execute function hhrecon_add_undecided();
create trigger hhrecon_action_undecided after insert on hhrecon_action
  for each row when (new.kind = 'undo_decision')
  execute function hhrecon_add_undecided();

-- A report on a period reads only the runs that started in the period.
create index hhrecon_run_started on hhrecon_run (started_at);
