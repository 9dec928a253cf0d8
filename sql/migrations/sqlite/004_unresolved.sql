-- +goose Up
-- Payins that were still open when they left a project's window; listed once, with the run that saw
-- them leave.
create table hhrecon_unresolved (
  run_id         integer not null references hhrecon_run (id),
  seq            integer not null, -- place in the list, from 1, by created_at
  project_id     text,
  payment_id     text,
  amount         integer,          -- the merchant's, in minor units; the merchant's row as it was read
  currency       text,
  status         text,
  sub_status     text,
  settled_amount integer,
  lifetime       integer,
  created_at     text,
  updated_at     text,
  primary key (run_id, seq)
);
