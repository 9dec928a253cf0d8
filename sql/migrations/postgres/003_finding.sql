-- +goose Up
create table hhrecon_finding (
  run_id                bigint      not null references hhrecon_run (id),
  seq                   bigint      not null,
  project_id            text        not null,
  payment_id            text        not null,
  outcome               text        not null,
  causes                text        not null,
  merchant_amount       bigint      not null,
  initial_amount        bigint,
  old_amount            bigint,
  amount                bigint,
  currency              text        not null,
  status_before         text        not null,
  sub_status_before     text,
  settled_amount_before bigint,
  lifetime              bigint,
  created_at            timestamptz not null,
  updated_at            timestamptz not null,
  provider_status       text,
  provider_sub_status   text,
  request_id            text,
  expires_at            timestamptz,
  status_after          text        not null,
  sub_status_after      text,
  settled_amount_after  bigint,
  correction            text        not null check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused')),
  corrected_at          timestamptz,
  harmful               boolean     not null,
  result                text        not null,
  answer                text,
  reason                text        not null,
  checked_at            timestamptz,
  chain_seq             bigint      not null,
  hash                  text        not null,
  primary key (run_id, seq)
);

-- One finding a payin in a run; and the last word on a payin, for reports over a period.
create unique index hhrecon_finding_payin on hhrecon_finding (project_id, payment_id, run_id);

-- The audit trail in its order.
create unique index hhrecon_finding_chain on hhrecon_finding (project_id, chain_seq);

-- The end of each project's audit trail, over findings and actions. Whoever writes an entry locks this row first,
-- so that the trail never forks.
create table hhrecon_chain (
  project_id text   primary key,
  chain_seq  bigint not null,
  hash       text   not null
);

-- What was found and what was done is added to, and never changed. To take old entries out nevertheless, the
-- table's owner says, in one transaction, "alter table hhrecon_finding disable trigger hhrecon_finding_kept",
-- deletes, and enables the trigger again. "hhrecon verify" will name the first entry that is not there.
-- +goose StatementBegin
create function hhrecon_keep() returns trigger language plpgsql as $$
begin
  raise exception '% is an audit trail: its rows are never changed and never deleted', tg_table_name;
end
$$;
-- +goose StatementEnd
create trigger hhrecon_finding_kept before update or delete or truncate on hhrecon_finding
  for each statement execute function hhrecon_keep();

comment on table  hhrecon_finding                       is 'One payin''s outcome in one run, with its evidence. Never changed once written.';
comment on column hhrecon_finding.seq                   is 'place in the run, from 1: those that were not asked about last time first, then by created_at';
comment on column hhrecon_finding.outcome               is 'confirmed, different_amount, timeout, disputed, declined, rejected, pending, reversed, not_found, unverifiable or unreachable';
comment on column hhrecon_finding.causes                is 'why it was flagged, joined with commas; empty for no cause';
comment on column hhrecon_finding.merchant_amount       is 'M: the merchant''s row, in minor units';
comment on column hhrecon_finding.initial_amount        is 'I: what creation asked for, in minor units';
comment on column hhrecon_finding.old_amount            is 'O: before an appeal, in minor units';
comment on column hhrecon_finding.amount                is 'A: what the customer really paid, as far as HighHelp knows, in minor units';
comment on column hhrecon_finding.currency              is 'ISO 4217';
comment on column hhrecon_finding.status_before         is 'the merchant''s row as it was read, as all columns of that end, and lifetime, created_at, updated_at';
comment on column hhrecon_finding.lifetime              is 'seconds';
comment on column hhrecon_finding.provider_status       is 'HighHelp''s; null where there was no answer that can be trusted';
comment on column hhrecon_finding.expires_at            is 'expiration_date, as HighHelp gave it';
comment on column hhrecon_finding.status_after          is 'the merchant''s row as it should be; correction says whether it is';
comment on column hhrecon_finding.settled_amount_after  is 'minor units';
comment on column hhrecon_finding.correction            is 'none: nothing to change; applied; superseded: the row had changed since; dry_run; held; refused: the merchant''s table would not take it';
comment on column hhrecon_finding.corrected_at          is 'when the correction was written: updated_at as the row has it then';
comment on column hhrecon_finding.harmful               is 'a correction into decline, error or dispute';
comment on column hhrecon_finding.result                is 'what came of asking: answered, not_found, refused, unreachable or not_asked';
comment on column hhrecon_finding.answer                is 'HighHelp''s, as received';
comment on column hhrecon_finding.reason                is 'one sentence';
comment on column hhrecon_finding.checked_at            is 'when the answer, or the last failure, came';
comment on column hhrecon_finding.chain_seq             is 'place in the project''s audit trail, from 1, without gaps';
comment on column hhrecon_finding.hash                  is 'SHA-256, in hexadecimal, over the hash of the entry before and all columns';

comment on table  hhrecon_chain           is 'The end of each project''s audit trail.';
comment on column hhrecon_chain.chain_seq is 'of the last entry, which is a finding or an action';
comment on column hhrecon_chain.hash      is 'of the last entry';
