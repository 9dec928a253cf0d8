-- The table that the default queries expect. Made only where there is no table of that name.
create table payins (
  project_id     text        not null,
  payment_id     text        not null,
  amount         bigint      not null, -- minor units
  currency       text        not null,
  status         text        not null, -- open: new, pending, processing, dispute, error; final: success, decline
  sub_status     text,
  settled_amount bigint,
  lifetime       integer,              -- seconds
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  primary key (project_id, payment_id)
);

-- open_payins.sql reads a window of created_at, final_payins.sql what was updated of late.
create index payins_created on payins (project_id, created_at);
create index payins_updated on payins (project_id, updated_at);
