-- +goose Up
-- A class of a run's corrections can be held while the others are written. In older runs all corrections were held
-- together, which is class 0.
create table hhrecon_costly (
  run_id     integer not null references hhrecon_run (id) on delete cascade,
  seq        integer not null,
  class      integer not null check (class in (0, 1, 2, 4, 8)),
  project_id text not null,
  payment_id text not null,
  currency   text not null,
  amount     integer not null,
  day        text not null,
  written_at text not null,
  state      text not null check (state in ('applied', 'held', 'allowed', 'released', 'discarded', 'overtaken', 'undone', 'decided', 'superseded', 'refused')),
  hold_id    integer,
  primary key (run_id, seq, class)
) strict;
create index hhrecon_costly_recent on hhrecon_costly (project_id, class, written_at) where state = 'applied';
create index hhrecon_costly_day on hhrecon_costly (project_id, day);
create index hhrecon_costly_held on hhrecon_costly (project_id, payment_id) where state in ('held', 'allowed');
create index hhrecon_costly_hold on hhrecon_costly (hold_id) where hold_id is not null;
create index hhrecon_run_closed on hhrecon_run (project_id, closed_at);

alter table hhrecon_run add column classes text not null default '';
alter table hhrecon_selection add column classes integer;

-- Existing verdicts have no classes. Their payins are queried again, and their runs decide again which corrections to
-- hold.
update hhrecon_selection set outcome = null, changes = null, harmful = null where outcome is not null;
update hhrecon_run set decision = '' where closed_at is null;

insert into hhrecon_costly (run_id, seq, class, project_id, payment_id, currency, amount, day, written_at, state, hold_id)
select f.run_id, f.seq, 0, f.project_id, f.payment_id, f.currency, f.merchant_amount, '', coalesce(r.closed_at, r.started_at), 'held', f.run_id
from hhrecon_run as r
join hhrecon_finding as f on f.run_id = r.id and f.correction = 'held'
where r.state = 'held'
  and not exists (select 1 from hhrecon_action as a where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release')
  and not exists (
    select 1 from hhrecon_finding as l
    join hhrecon_run as w on w.id = l.run_id
    where l.project_id = f.project_id and l.payment_id = f.payment_id and l.run_id > f.run_id
      and l.outcome not in ('unreachable', 'unverifiable', 'not_found') and w.closed_at is not null and not w.dry_run
  );
update hhrecon_run set state = 'complete'
where state = 'held' and not exists (select 1 from hhrecon_costly as h where h.hold_id = hhrecon_run.id);
