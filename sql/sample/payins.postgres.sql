-- The default queries expect this table. It is created only if there is no table with this name.
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

-- open_payins.sql reads the few open payins in a range of created_at. final_payins.sql reads recently updated payins.
-- The first index leaves out most final payins. Final statuses with other names, which a project's status map allows,
-- are in the index. This is harmless.
create index payins_open on payins (project_id, created_at) where status not in ('success', 'decline');
create index payins_updated on payins (project_id, updated_at);
