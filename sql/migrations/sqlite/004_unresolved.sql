-- +goose Up
-- This table contains payins that were still open when they became older than a project's time window. Each payin is
-- saved once, by the first run after that.
create table hhrecon_unresolved (
  run_id         integer not null references hhrecon_run (id),
  seq            integer not null, -- position in the list, from 1, by created_at
  project_id     text,
  payment_id     text,
  amount         integer,          -- the merchant's amount, in minor units; this and the next columns contain the merchant's row as read
  currency       text,
  status         text,
  sub_status     text,
  settled_amount integer,
  lifetime       integer,
  created_at     text,
  updated_at     text,
  primary key (run_id, seq)
);
