-- +goose Up
-- This table contains the findings that may wait for a person's decision, so that the page and the metrics need not
-- read the findings that people decided long ago. The triggers add findings, also if an earlier version of hhrecon
-- still runs. CloseRun and ApplyDecision remove findings that no longer wait.
create table hhrecon_undecided (
  project_id text    not null,
  run_id     integer not null,
  seq        integer not null, -- position of the finding in its run
  primary key (project_id, run_id, seq)
) strict, without rowid;

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

-- A closed run adds its findings. An undone decision adds the findings of its payin.
-- +goose StatementBegin
create trigger hhrecon_run_undecided after update of closed_at on hhrecon_run
when old.closed_at is null and new.closed_at is not null and not new.dry_run
begin
  insert or ignore into hhrecon_undecided (project_id, run_id, seq)
  select f.project_id, f.run_id, f.seq from hhrecon_finding as f
  where f.run_id = new.id and f.outcome in ('different_amount', 'reversed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger hhrecon_action_undecided after insert on hhrecon_action
when new.kind = 'undo_decision'
begin
  insert or ignore into hhrecon_undecided (project_id, run_id, seq)
  select f.project_id, f.run_id, f.seq from hhrecon_finding as f
  where f.project_id = new.project_id and f.payment_id = new.payment_id and f.outcome in ('different_amount', 'reversed');
end;
-- +goose StatementEnd

-- A report on a period reads only the runs that started in the period.
create index hhrecon_run_started on hhrecon_run (started_at);
