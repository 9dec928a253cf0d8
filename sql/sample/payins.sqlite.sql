-- The default queries expect this table. It is created only if there is no table with this name. Times are UTC text of
-- fixed width, 2006-01-02T15:04:05.000000Z, so they sort as times.
create table payins (
  project_id     text    not null,
  payment_id     text    not null,
  amount         integer not null, -- minor units
  currency       text    not null,
  status         text    not null, -- open: new, pending, processing, dispute, error; final: success, decline
  sub_status     text,
  settled_amount integer,
  lifetime       integer,          -- seconds
  created_at     text    not null check (created_at glob '????-??-??T??:??:??.??????Z'),
  updated_at     text    not null check (updated_at glob '????-??-??T??:??:??.??????Z'),
  primary key (project_id, payment_id)
) strict;

-- open_payins.sql reads the few open payins in a range of created_at. final_payins.sql reads recently updated payins.
create index payins_open on payins (project_id, status, created_at);
create index payins_updated on payins (project_id, updated_at);
