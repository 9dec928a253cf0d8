-- +goose Up
-- One payin's outcome in one run, with its evidence. Never changed once written.
create table hhrecon_finding (
  run_id                integer not null references hhrecon_run (id),
  seq                   integer not null, -- place in the run, from 1: those that were not asked about last time first, then by created_at
  project_id            text    not null,
  payment_id            text    not null,
  outcome               text    not null,
  causes                text    not null, -- why it was flagged, joined with commas; empty for no cause
  merchant_amount       integer not null, -- M: the merchant's row, in minor units
  initial_amount        integer,          -- I: what creation asked for
  old_amount            integer,          -- O: before an appeal
  amount                integer,          -- A: what the customer really paid, as far as HighHelp knows
  currency              text    not null, -- ISO 4217
  status_before         text    not null, -- the merchant's row as it was read, down to updated_at
  sub_status_before     text,
  settled_amount_before integer,
  lifetime              integer,          -- seconds
  created_at            text    not null,
  updated_at            text    not null,
  provider_status       text,             -- HighHelp's; null where there was no answer that can be trusted
  provider_sub_status   text,
  request_id            text,
  expires_at            text,             -- expiration_date, as HighHelp gave it
  status_after          text    not null, -- the merchant's row as it should be; correction says whether it is
  sub_status_after      text,
  settled_amount_after  integer,
  correction            text    not null check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused')),
  corrected_at          text,             -- when the correction was written: updated_at as the row has it then
  harmful               integer not null, -- a correction into decline, error or dispute
  result                text    not null, -- answered, not_found, refused, unreachable or not_asked
  answer                text,             -- HighHelp's, as received
  reason                text    not null, -- one sentence
  checked_at            text,             -- when the answer, or the last failure, came
  chain_seq             integer not null, -- place in the project's audit trail, from 1, without gaps
  hash                  text    not null, -- SHA-256, in hexadecimal, over the hash of the entry before and all columns
  primary key (run_id, seq)
) strict;

-- One finding a payin in a run; and the last word on a payin, for reports over a period.
create unique index hhrecon_finding_payin on hhrecon_finding (project_id, payment_id, run_id);

-- The audit trail in its order.
create unique index hhrecon_finding_chain on hhrecon_finding (project_id, chain_seq);

-- The end of each project's audit trail, over findings and actions.
create table hhrecon_chain (
  project_id text    primary key,
  chain_seq  integer not null, -- of the last entry, which is a finding or an action
  hash       text    not null  -- of the last entry
) strict;

-- What was found and what was done is added to, and never changed. To take old entries out nevertheless, one drops
-- these triggers, deletes, and creates them again, in one transaction. "hhrecon verify" will name the first entry that
-- is not there.
-- +goose StatementBegin
create trigger hhrecon_finding_unchanged before update on hhrecon_finding
begin
  select raise(abort, 'hhrecon_finding is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger hhrecon_finding_kept before delete on hhrecon_finding
begin
  select raise(abort, 'hhrecon_finding is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
