-- +goose Up
create table hhrecon_unresolved (
  run_id         bigint      not null references hhrecon_run (id),
  seq            bigint      not null,
  project_id     text,
  payment_id     text,
  amount         bigint,
  currency       text,
  status         text,
  sub_status     text,
  settled_amount bigint,
  lifetime       bigint,
  created_at     timestamptz,
  updated_at     timestamptz,
  primary key (run_id, seq)
);

comment on table  hhrecon_unresolved        is 'Payins that were still open when they left a project''s window. Each is listed once, in the first run after that.';
comment on column hhrecon_unresolved.seq    is 'position in the list, from 1, by created_at';
comment on column hhrecon_unresolved.amount is 'the merchant''s amount in minor units; this and the next columns are the merchant''s row as read';
