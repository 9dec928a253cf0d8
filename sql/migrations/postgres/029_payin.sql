-- +goose Up
-- This table contains the values of corrections for which the merchant's table has no column. The merchant's own
-- queries read and write it (hhrecon init). The values count only while the merchant's row has the status and the version
-- that it had after the write, so they do not outlive a change by the merchant's own programs.
create table hhrecon_payin (
  project_id     text   not null,
  payment_id     text   not null,
  status         text   not null,
  version        timestamptz,
  sub_status     text,
  settled_amount bigint,
  primary key (project_id, payment_id)
);

comment on table  hhrecon_payin                is 'Values of corrections for which the merchant''s table has no column; written by correct_payins.sql.';
comment on column hhrecon_payin.project_id     is 'in lower case';
comment on column hhrecon_payin.status         is 'the merchant''s status that was written with these values; they count only while the row has it';
comment on column hhrecon_payin.version        is 'the row''s updated_at, or its xmin as a time, after the write; the values count only while the row has it; null if the table has neither';
comment on column hhrecon_payin.sub_status     is 'null if the merchant''s table has a column for it';
comment on column hhrecon_payin.settled_amount is 'in minor units; null if the merchant''s table has a column for it';
