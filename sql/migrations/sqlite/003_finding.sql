-- +goose Up
-- A row is the outcome of one payin in one run, with the evidence. A row never changes.
create table hhrecon_finding (
  run_id                integer not null references hhrecon_run (id),
  seq                   integer not null, -- position in the run, from 1; payins that the last run did not query come first, then by created_at
  project_id            text    not null,
  payment_id            text    not null,
  outcome               text    not null,
  causes                text    not null, -- why the payin was flagged, separated by commas; empty if there is no cause
  merchant_amount       integer not null, -- M: the merchant's amount, in minor units
  initial_amount        integer,          -- I: the amount requested at creation
  old_amount            integer,          -- O: the amount before an appeal
  amount                integer,          -- A: the amount that the customer paid according to HighHelp
  currency              text    not null, -- code of ISO 4217
  status_before         text    not null, -- the row's status as read; the next columns up to updated_at also contain the row as read
  sub_status_before     text,
  settled_amount_before integer,
  lifetime              integer,          -- seconds
  created_at            text    not null,
  updated_at            text    not null,
  provider_status       text,             -- HighHelp's status; null if there is no trusted answer
  provider_sub_status   text,
  request_id            text,
  expires_at            text,             -- expiration_date as HighHelp returned it
  status_after          text    not null, -- the row's status after the correction; column correction says whether it was written
  sub_status_after      text,
  settled_amount_after  integer,
  correction            text    not null check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused')),
  corrected_at          text,             -- when the correction was written; equals the row's updated_at afterwards
  harmful               integer not null, -- 1 if the correction is to decline, error or dispute
  result                text    not null, -- answered, not_found, refused, unreachable or not_asked
  answer                text,             -- HighHelp's answer, as received
  reason                text    not null, -- the reason, in one sentence
  checked_at            text,             -- when the answer or the last failure arrived
  chain_seq             integer not null, -- position in the project's audit log, from 1, without gaps
  hash                  text    not null, -- SHA-256, in hexadecimal, of the hash of the previous entry and all columns
  primary key (run_id, seq)
) strict;

-- A run has one finding for each payin. Reports on a period look up a payin's latest finding in this index.
create unique index hhrecon_finding_payin on hhrecon_finding (project_id, payment_id, run_id);

-- This index is for reading the audit log in order.
create unique index hhrecon_finding_chain on hhrecon_finding (project_id, chain_seq);

-- This table contains the end of each project's audit log of findings and actions.
create table hhrecon_chain (
  project_id text    primary key,
  chain_seq  integer not null, -- position of the last entry, which is a finding or an action
  hash       text    not null  -- hash of the last entry
) strict;

-- Findings and actions are added, and never changed. To delete old entries anyway, drop these triggers, delete the
-- entries, and create the triggers again, in one transaction. After that, "hhrecon verify" reports the first missing
-- entry.
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
