-- +goose Up
-- This table contains working data of runs that are not closed: the selected payins and their verdicts. The columns of
-- the merchant's row may be null and of any type here, because selection_faults.sql names the faulty payin and query
-- better than a constraint. A person's action about run N is stored under run_id -N, and only within one transaction.
create table hhrecon_selection (
  run_id         integer not null,
  seq            integer not null, -- position in the run, from 1; payins that the last run did not query come first, then by created_at
  query          text    not null, -- the query that selected the payin: open_payins.sql or final_payins.sql
  project_id     text,
  payment_id     text,
  amount         integer,          -- the merchant's amount, in minor units; this and the next columns contain the merchant's row as read
  currency       text,
  status         text,
  sub_status     text,
  settled_amount integer,
  lifetime       integer,          -- seconds
  created_at     text,
  updated_at     text,

  outcome              text,       -- null until the payin is judged, like all columns after it
  causes               text,
  initial_amount       integer,
  old_amount           integer,
  paid_amount          integer,    -- the amount that the customer paid according to HighHelp, in minor units
  provider_status      text,
  provider_sub_status  text,
  request_id           text,
  expires_at           text,
  status_after         text,       -- the status that a correction writes; the row's status if nothing changes
  sub_status_after     text,
  settled_amount_after integer,
  changes              integer,    -- 1 if a correction is planned
  harmful              integer,    -- 1 if the correction is to decline, error or dispute
  result               text,
  answer               text,
  reason               text,
  checked_at           text,
  updated_at_after     text,       -- the new updated_at, set only to restore a row; null means the time of writing
  primary key (run_id, seq)
);
