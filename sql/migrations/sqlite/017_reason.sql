-- +goose Up
-- This migration adds version 2 of the audit log's entries. In this version, a reason is a code with arguments, and an
-- answer is stored once under its digest. Existing entries have version 1 and stay unchanged.

-- This table contains HighHelp's answers. Each answer is stored once, even if several findings refer to it.
create table hhrecon_answer (
  project_id   text not null,
  digest       text not null,    -- SHA-256 of the body in UTF-8, in hexadecimal
  body         text,             -- as received; null if it was erased, which an action in the audit log records
  last_seen_at text not null,    -- when the answer was last received
  primary key (project_id, digest)
) strict;

alter table hhrecon_finding add column version integer not null default 1;      -- the entry's version; version 1 has none of the following columns
alter table hhrecon_finding add column reason_code text not null default '';    -- code of the reason, which names a text in the catalogue
alter table hhrecon_finding add column reason_args text not null default '';    -- JSON; the arguments of the text, and further reasons
alter table hhrecon_finding add column answer_digest text;                      -- digest of the answer in hhrecon_answer; null if there is none
alter table hhrecon_finding add column facts text;                              -- JSON; further facts on which the outcome is based
alter table hhrecon_finding add column key_id text;                             -- ID of the key if the hash is an HMAC; null if it is plain SHA-256

-- This index is for looking up findings by answer, because an answer is kept while a finding refers to it.
create index hhrecon_finding_digest on hhrecon_finding (project_id, answer_digest) where answer_digest is not null;

-- Actions can have more kinds, and need no run. legacy_alter_table allows renaming the table although a trigger of
-- hhrecon_anchor refers to it.
pragma legacy_alter_table = on;
create table hhrecon_action_new (
  project_id            text    not null,
  chain_seq             integer not null, -- position in the project's audit log, from 1, without gaps; the log has findings and actions
  kind                  text    not null,
  run_id                integer references hhrecon_run (id), -- null if the action is not about a run
  seq                   integer not null, -- position of the finding that the action is about; 0 if the action is about all of the run
  payment_id            text    not null,
  currency              text    not null,
  status_before         text,             -- the row's expected status; the next columns up to updated_at_before also contain the expected row; null if seq is 0
  sub_status_before     text,
  settled_amount_before integer,          -- minor units
  updated_at_before     text,
  status_after          text,             -- the row's status after the action; column result says whether it was written
  sub_status_after      text,
  settled_amount_after  integer,          -- minor units
  updated_at_after      text,             -- the row's updated_at after writing; null if it was not written
  result                text    not null check (result in ('none', 'applied', 'superseded', 'refused')),
  reason                text    not null, -- why the row was not changed, in one sentence
  who                   text    not null,
  note                  text    not null,
  acted_at              text    not null,
  hash                  text    not null, -- SHA-256, in hexadecimal, of the hash of the previous entry and all columns
  version               integer not null default 1,  -- the entry's version, as in hhrecon_finding
  reason_code           text    not null default '',
  reason_args           text    not null default '',
  answer_digest         text,             -- digest of the answer that the action is based on, or that it erased
  facts                 text,
  key_id                text,
  primary key (project_id, chain_seq)
) strict;
insert into hhrecon_action_new (
  project_id, chain_seq, kind, run_id, seq, payment_id, currency, status_before, sub_status_before, settled_amount_before, updated_at_before, status_after, sub_status_after, settled_amount_after, updated_at_after, result, reason, who, note, acted_at, hash
)
select project_id, chain_seq, kind, run_id, seq, payment_id, currency, status_before, sub_status_before, settled_amount_before, updated_at_before, status_after, sub_status_after, settled_amount_after, updated_at_after, result, reason, who, note, acted_at, hash
from hhrecon_action;
drop table hhrecon_action;
alter table hhrecon_action_new rename to hhrecon_action;
pragma legacy_alter_table = off;
create unique index hhrecon_action_once on hhrecon_action (run_id, seq, kind) where kind = 'release' or result in ('none', 'applied');
create index hhrecon_action_run on hhrecon_action (run_id, chain_seq);
create index hhrecon_action_finding on hhrecon_action (run_id, seq, chain_seq);
-- +goose StatementBegin
create trigger hhrecon_action_unchanged before update on hhrecon_action
begin
  select raise(abort, 'hhrecon_action is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger hhrecon_action_kept before delete on hhrecon_action
when not exists (select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq)
begin
  select raise(abort, 'hhrecon_action is an audit trail: its rows are never changed and never deleted');
end;
-- +goose StatementEnd

alter table hhrecon_run add column note_code text not null default '';   -- code of the reason in note, which names a text in the catalogue
alter table hhrecon_run add column note_args text not null default '';   -- JSON; the arguments of the text
alter table hhrecon_run add column broken_code text not null default ''; -- code of the reason in broken, which names a text in the catalogue
alter table hhrecon_run add column broken_args text not null default '';

alter table hhrecon_selection add column reason_code text;
alter table hhrecon_selection add column reason_args text;
alter table hhrecon_selection add column answer_digest text;
alter table hhrecon_selection drop column answer;

-- Verdicts that are not settled have no code and no digest, so their payins are queried again.
update hhrecon_selection set outcome = null, changes = null, harmful = null where outcome is not null;
update hhrecon_run set decision = '' where decision <> 'held' and closed_at is null;

-- This view returns HighHelp's answer of each finding, as received, for all versions of entries.
create view hhrecon_finding_answer as
select f.run_id, f.seq, f.project_id, f.payment_id,
       case when f.version = 1 then f.answer else (select a.body from hhrecon_answer as a where a.project_id = f.project_id and a.digest = f.answer_digest) end as answer
from hhrecon_finding as f;
