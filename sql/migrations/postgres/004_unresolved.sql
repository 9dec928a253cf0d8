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

comment on table  hhrecon_unresolved        is 'Payins that were still open when they left a project''s window; listed once, with the run that saw them leave.';
comment on column hhrecon_unresolved.seq    is 'place in the list, from 1, by created_at';
comment on column hhrecon_unresolved.amount is 'the merchant''s, in minor units; this and the next columns are the merchant''s row as it was read';
