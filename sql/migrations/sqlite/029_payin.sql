-- +goose Up
-- This table contains the values of corrections for which the merchant's table has no column. The merchant's own
-- queries read and write it. The values count only while the merchant's row has the status and the version that it had
-- after the write, so they do not outlive a change by the merchant's own programs.
create table hhrecon_payin (
  project_id     text not null, -- in lower case
  payment_id     text not null,
  status         text not null, -- the merchant's status that was written with these values
  version        text,          -- the row's updated_at after the write; null if the table has none
  sub_status     text,
  settled_amount integer,       -- in minor units
  primary key (project_id, payment_id)
) strict;
