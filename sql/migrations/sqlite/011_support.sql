-- +goose Up
-- This table contains the states of questions to HighHelp's support about payins. The latest row of a payin is valid.
create table hhrecon_support (
  id         integer primary key,
  project_id text    not null,
  payment_id text    not null,
  word       text    not null, -- HighHelp's answer about the payin at that time; if the answer changes, the payin counts as new again
  state      text    not null check (state in ('new', 'sent', 'answered', 'settled')),
  who        text    not null,
  note       text    not null,
  marked_at  text    not null
) strict;

-- This index is for looking up the latest row of a payin.
create index hhrecon_support_payin on hhrecon_support (project_id, payment_id, id);
