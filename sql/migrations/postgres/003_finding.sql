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

-- A run has one finding for each payin. Reports on a period look up a payin's latest finding in this index.
create unique index hhrecon_finding_payin on hhrecon_finding (project_id, payment_id, run_id);

-- This index is for reading the audit log in order.
create unique index hhrecon_finding_chain on hhrecon_finding (project_id, chain_seq);

-- This table contains the end of each project's audit log of findings and actions. A writer locks the row first, so two
-- writers cannot add entries at the same position.
create table hhrecon_chain (
  project_id text   primary key,
  chain_seq  bigint not null,
  hash       text   not null
);

-- Findings and actions are added, and never changed. To delete old entries anyway, the table's owner needs one
-- transaction. It runs "alter table hhrecon_finding disable trigger hhrecon_finding_kept", deletes the entries, and
-- enables the trigger again. After that, "hhrecon verify" reports the first missing entry.
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
comment on column hhrecon_finding.seq                   is 'position in the run, from 1: first the payins that the last run did not query, then by created_at';
comment on column hhrecon_finding.outcome               is 'confirmed, different_amount, timeout, disputed, declined, rejected, pending, reversed, not_found, unverifiable or unreachable';
comment on column hhrecon_finding.causes                is 'why the payin was flagged, separated by commas; empty if there is no cause';
comment on column hhrecon_finding.merchant_amount       is 'M: the merchant''s amount, in minor units';
comment on column hhrecon_finding.initial_amount        is 'I: the amount requested at creation, in minor units';
comment on column hhrecon_finding.old_amount            is 'O: the amount before an appeal, in minor units';
comment on column hhrecon_finding.amount                is 'A: the amount that the customer paid according to HighHelp, in minor units';
comment on column hhrecon_finding.currency              is 'ISO 4217';
comment on column hhrecon_finding.status_before         is 'the merchant''s row as read, like all columns that end in _before, and lifetime, created_at and updated_at';
comment on column hhrecon_finding.lifetime              is 'seconds';
comment on column hhrecon_finding.provider_status       is 'HighHelp''s status; null if there is no trusted answer';
comment on column hhrecon_finding.expires_at            is 'expiration_date as HighHelp returned it';
comment on column hhrecon_finding.status_after          is 'the row''s status after the correction; column correction tells whether it was written';
comment on column hhrecon_finding.settled_amount_after  is 'minor units';
comment on column hhrecon_finding.correction            is 'none: nothing to change; applied; superseded: the row had changed meanwhile; dry_run; held; refused: the merchant''s table rejected it';
comment on column hhrecon_finding.corrected_at          is 'when the correction was written: the row''s updated_at afterwards';
comment on column hhrecon_finding.harmful               is 'the correction is to decline, error or dispute';
comment on column hhrecon_finding.result                is 'result of the query to HighHelp: answered, not_found, refused, unreachable or not_asked';
comment on column hhrecon_finding.answer                is 'HighHelp''s answer, as received';
comment on column hhrecon_finding.reason                is 'the reason, in one sentence';
comment on column hhrecon_finding.checked_at            is 'when the answer or the last failure arrived';
comment on column hhrecon_finding.chain_seq             is 'position in the project''s audit log, from 1, without gaps';
comment on column hhrecon_finding.hash                  is 'SHA-256, in hexadecimal, of the hash of the previous entry and all columns';

comment on table  hhrecon_chain           is 'The end of each project''s audit log.';
comment on column hhrecon_chain.chain_seq is 'position of the last entry, which is a finding or an action';
comment on column hhrecon_chain.hash      is 'hash of the last entry';
