-- +goose Up
-- A class of a run's corrections can be held while the others are written. In older runs all corrections were held
-- together, which is class 0.
create table hhrecon_costly (
  run_id     bigint not null references hhrecon_run (id) on delete cascade,
  seq        bigint not null,
  class      bigint not null check (class in (0, 1, 2, 4, 8)),
  project_id text not null,
  payment_id text not null,
  currency   text not null,
  amount     bigint not null,
  day        text not null,
  written_at timestamptz not null,
  state      text not null check (state in ('applied', 'held', 'allowed', 'released', 'discarded', 'overtaken', 'undone', 'decided', 'superseded', 'refused')),
  hold_id    bigint,
  primary key (run_id, seq, class)
);
create index hhrecon_costly_recent on hhrecon_costly (project_id, class, written_at) where state = 'applied';
create index hhrecon_costly_day on hhrecon_costly (project_id, day);
create index hhrecon_costly_held on hhrecon_costly (project_id, payment_id) where state in ('held', 'allowed');
create index hhrecon_costly_hold on hhrecon_costly (hold_id) where hold_id is not null;
create index hhrecon_run_closed on hhrecon_run (project_id, closed_at);

alter table hhrecon_run add column classes text not null default '';
alter table hhrecon_selection add column classes bigint;

-- Existing verdicts have no classes. Their payins are queried again, and their runs decide again which corrections to
-- hold.
update hhrecon_selection set outcome = null, changes = null, harmful = null where outcome is not null;
update hhrecon_run set decision = '' where closed_at is null;

-- The payins of a queued run's ended batches count as judged, so these batches are deleted. A resume creates the
-- batches again.
update hhrecon_run
set state = 'interrupted', broken = 'Hhrecon was upgraded while the run was under way.', broken_code = 'run.upgraded'
where state = 'running' and id in (select run_id from hhrecon_batch);

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

comment on table  hhrecon_costly            is 'Written and held corrections of costly classes, with one row per correction and class. A held correction has a row for each held class.';
comment on column hhrecon_costly.class      is '1 declines, 2 other sums, 4 late credits, 8 downgrades; 0 any correction of a run that was held as a whole';
comment on column hhrecon_costly.amount     is 'the amount that counts for hold_above_sum, in minor units';
comment on column hhrecon_costly.day        is 'the local date of the run''s start';
comment on column hhrecon_costly.state      is 'applied: written; held; allowed: another class still holds it; released, discarded or decided: by a person; overtaken: a later run had a trusted answer; undone; superseded or refused: not written when it was released';
comment on column hhrecon_costly.hold_id    is 'the run that started the hold; null: it was not held';
comment on column hhrecon_run.classes       is 'JSON: totals of its corrections by class, and the run that holds each held class; empty: not decided by class';
comment on column hhrecon_selection.classes is 'the correction''s costly classes, as the sum of hhrecon_costly.class';
