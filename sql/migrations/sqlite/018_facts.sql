-- +goose Up
-- The merchant's faulty rows are selected too, and reported. Column facts stores facts about a row that the selection
-- detects.
alter table hhrecon_selection add column facts text; -- JSON; facts about the row from the selection; null if there are none

-- This column stores JSON with facts for the headline of a closed run. It is empty if the run was closed by a version
-- without headlines.
alter table hhrecon_run add column tally text not null default '';

-- legacy_alter_table allows renaming the table although triggers and a view refer to it.
pragma legacy_alter_table = on;
create table hhrecon_finding_new (
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
  created_at            text,             -- null if the row has no valid time
  updated_at            text,             -- null if the row has no time
  provider_status       text,             -- HighHelp's status; null if there is no trusted answer
  provider_sub_status   text,
  request_id            text,
  expires_at            text,             -- from HighHelp's expiration_date, or from its lifetime if neither expiration_date nor the row's lifetime is valid
  status_after          text    not null, -- the row's status after the correction; column correction says whether it was written
  sub_status_after      text,
  settled_amount_after  integer,
  correction            text    not null check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused', 'locked')),
  corrected_at          text,             -- when the correction was written; equals the row's updated_at afterwards
  harmful               integer not null, -- 1 if the correction is to decline, error or dispute
  result                text    not null, -- answered, not_found, refused, unreachable or not_asked
  answer                text,             -- HighHelp's answer, as received
  reason                text    not null, -- the reason, in one sentence
  checked_at            text,             -- when the answer or the last failure arrived
  chain_seq             integer not null, -- position in the project's audit log, from 1, without gaps
  hash                  text    not null, -- SHA-256, in hexadecimal, of the hash of the previous entry and all columns
  version               integer not null default 1,  -- the entry's version; version 1 has none of the following columns
  reason_code           text    not null default '', -- code of the reason, which names a text in the catalogue
  reason_args           text    not null default '', -- JSON; the arguments of the text, and further reasons
  answer_digest         text,             -- digest of the answer in hhrecon_answer; null if there is none
  facts                 text,             -- JSON; further facts on which the outcome is based
  key_id                text,             -- ID of the key if the hash is an HMAC; null if it is plain SHA-256
  primary key (run_id, seq)
) strict;
insert into hhrecon_finding_new (
  run_id, seq, project_id, payment_id, outcome, causes, merchant_amount, initial_amount, old_amount, amount,
  currency, status_before, sub_status_before, settled_amount_before, lifetime, created_at, updated_at,
  provider_status, provider_sub_status, request_id, expires_at, status_after, sub_status_after,
  settled_amount_after, correction, corrected_at, harmful, result, answer, reason, checked_at, chain_seq,
  hash, version, reason_code, reason_args, answer_digest, facts, key_id
)
select
  run_id, seq, project_id, payment_id, outcome, causes, merchant_amount, initial_amount, old_amount, amount,
  currency, status_before, sub_status_before, settled_amount_before, lifetime, created_at, updated_at,
  provider_status, provider_sub_status, request_id, expires_at, status_after, sub_status_after,
  settled_amount_after, correction, corrected_at, harmful, result, answer, reason, checked_at, chain_seq,
  hash, version, reason_code, reason_args, answer_digest, facts, key_id
from hhrecon_finding;
drop table hhrecon_finding;
alter table hhrecon_finding_new rename to hhrecon_finding;
pragma legacy_alter_table = off;
create unique index hhrecon_finding_payin on hhrecon_finding (project_id, payment_id, run_id);
create unique index hhrecon_finding_chain on hhrecon_finding (project_id, chain_seq);
create index hhrecon_finding_outcome on hhrecon_finding (outcome, run_id, seq);
create index hhrecon_finding_undecided on hhrecon_finding (project_id, payment_id, run_id) where outcome in ('different_amount', 'reversed');
create index hhrecon_finding_digest on hhrecon_finding (project_id, answer_digest) where answer_digest is not null;
-- +goose StatementBegin
create trigger hhrecon_finding_unchanged before update on hhrecon_finding
begin
  select raise(abort, 'hhrecon_finding is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger hhrecon_finding_kept before delete on hhrecon_finding
when not exists (select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq)
begin
  select raise(abort, 'hhrecon_finding is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
