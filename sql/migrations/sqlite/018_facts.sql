-- +goose Up
-- Faulty rows of the merchant's are selected too, and named. What the selection finds about a row is kept as facts.
alter table hhrecon_selection add column facts text; -- JSON: what the selection found about the row; null: nothing

-- What the headline of a closed run goes by, as JSON; empty: of a run that was closed before there was one.
alter table hhrecon_run add column tally text not null default '';

-- Triggers and a view name the table, so it is renamed without a look at who names it.
pragma legacy_alter_table = on;
create table hhrecon_finding_new (
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
  created_at            text,             -- null: the row has none that can be
  updated_at            text,             -- null: the row has none
  provider_status       text,             -- HighHelp's; null where there was no answer that can be trusted
  provider_sub_status   text,
  request_id            text,
  expires_at            text,             -- by HighHelp's expiration_date, or by its lifetime if neither that nor the row's can be
  status_after          text    not null, -- the merchant's row as it should be; correction says whether it is
  sub_status_after      text,
  settled_amount_after  integer,
  correction            text    not null check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused', 'locked')),
  corrected_at          text,             -- when the correction was written: updated_at as the row has it then
  harmful               integer not null, -- a correction into decline, error or dispute
  result                text    not null, -- answered, not_found, refused, unreachable or not_asked
  answer                text,             -- HighHelp's, as received
  reason                text    not null, -- one sentence
  checked_at            text,             -- when the answer, or the last failure, came
  chain_seq             integer not null, -- place in the project's audit trail, from 1, without gaps
  hash                  text    not null, -- SHA-256, in hexadecimal, over the hash of the entry before and all columns
  version               integer not null default 1,  -- of the entry; one of version 1 has none of the following columns
  reason_code           text    not null default '', -- why the finding is what it is: names a text of the catalogue
  reason_args           text    not null default '', -- JSON: what the text is filled with, and further clauses
  answer_digest         text,             -- of the answer in hhrecon_answer; null where there was none
  facts                 text,             -- JSON: further facts of the payin that the outcome rests on
  key_id                text,             -- names the key of the hash, if it is an HMAC; null: SHA-256
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
