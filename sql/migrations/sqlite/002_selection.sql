-- +goose Up
-- Working memory of the runs that are not closed: the payins selected, and the verdicts on them.
-- The snapshot's columns may be null and of any type here, because selection_types.sqlite.sql and
-- selection_faults.sql say better than a constraint which payin of which query is at fault. What a person
-- orders about run N stands here under the run_id -N, inside one transaction only.
create table hhrecon_selection (
  run_id         integer not null,
  seq            integer not null, -- place in the run, from 1: those that were not asked about last time first, then by created_at
  query          text    not null, -- which query selected it: open_payins.sql or final_payins.sql
  project_id     text,
  payment_id     text,
  amount         integer,          -- the merchant's, in minor units; the merchant's row as it was read
  currency       text,
  status         text,
  sub_status     text,
  settled_amount integer,
  lifetime       integer,          -- seconds
  created_at     text,
  updated_at     text,

  outcome              text,       -- null until judged, as all columns after it
  causes               text,
  initial_amount       integer,
  old_amount           integer,
  paid_amount          integer,    -- what the customer really paid, as far as HighHelp knows, in minor units
  provider_status      text,
  provider_sub_status  text,
  request_id           text,
  expires_at           text,
  status_after         text,       -- what a correction writes; the row's own where nothing changes
  sub_status_after     text,
  settled_amount_after integer,
  changes              integer,    -- there is something to correct
  harmful              integer,    -- a correction into decline, error or dispute
  result               text,
  answer               text,
  reason               text,
  checked_at           text,
  updated_at_after     text,       -- what updated_at becomes; null: the moment of writing. Set only to put a row back
  primary key (run_id, seq)
);
