-- +goose Up
-- This migration adds version 2 of the audit log's entries. In this version, a reason is a code with arguments, and an
-- answer is stored once under its digest. Existing entries have version 1 and stay unchanged.
create table hhrecon_answer (
  project_id   text        not null,
  digest       text        not null,
  body         text,
  last_seen_at timestamptz not null,
  primary key (project_id, digest)
);
comment on table  hhrecon_answer              is 'HighHelp''s answers about each project''s payins, each stored once, even if several findings have it.';
comment on column hhrecon_answer.digest       is 'SHA-256 of the body in UTF-8, in hexadecimal';
comment on column hhrecon_answer.body         is 'as received; null: erased, as an action in the audit log records';
comment on column hhrecon_answer.last_seen_at is 'when the answer last arrived';

alter table hhrecon_finding
  add column version       smallint not null default 1,
  add column reason_code   text     not null default '',
  add column reason_args   text     not null default '',
  add column answer_digest text,
  add column facts         text,
  add column key_id        text;
comment on column hhrecon_finding.version       is 'the entry''s version: 1 or 2; version 1 has none of the following columns';
comment on column hhrecon_finding.reason        is 'the reason as an English sentence; no program reads it in version 2';
comment on column hhrecon_finding.reason_code   is 'code of the reason, which names a text in the catalogue';
comment on column hhrecon_finding.reason_args   is 'JSON: the text''s arguments, and further clauses';
comment on column hhrecon_finding.answer        is 'HighHelp''s answer as received, in version 1 only; the view hhrecon_finding_answer has it for both versions';
comment on column hhrecon_finding.answer_digest is 'digest of the answer in hhrecon_answer; null if there is none';
comment on column hhrecon_finding.facts         is 'JSON: further facts that the outcome is based on';
comment on column hhrecon_finding.key_id        is 'id of the key, if the hash is an HMAC; null: SHA-256';

-- This index is for looking up findings by answer, because an answer is kept while a finding refers to it.
create index hhrecon_finding_digest on hhrecon_finding (project_id, answer_digest) where answer_digest is not null;

alter table hhrecon_action
  add column version       smallint not null default 1,
  add column reason_code   text     not null default '',
  add column reason_args   text     not null default '',
  add column answer_digest text,
  add column facts         text,
  add column key_id        text,
  alter column run_id drop not null,
  drop constraint hhrecon_action_kind_check;
comment on column hhrecon_action.version       is 'the entry''s version; this and the following columns are as in hhrecon_finding';
comment on column hhrecon_action.answer_digest is 'digest of the answer that the action is based on, or that it erased';
comment on column hhrecon_action.run_id        is 'null: the action is not about a run';

alter table hhrecon_run
  add column note_code   text not null default '',
  add column note_args   text not null default '',
  add column broken_code text not null default '',
  add column broken_args text not null default '';
comment on column hhrecon_run.note_code   is 'code of the reason in note, which names a text in the catalogue';
comment on column hhrecon_run.note_args   is 'JSON: the text''s arguments';
comment on column hhrecon_run.broken_code is 'code of the reason in broken, like note_code';

alter table hhrecon_selection
  add column reason_code   text,
  add column reason_args   text,
  add column answer_digest text,
  drop column answer;

-- Verdicts that are not settled have no code and no digest, so their payins are queried again.
update hhrecon_selection set outcome = null, changes = null, harmful = null where outcome is not null;
update hhrecon_run set decision = '' where decision <> 'held' and closed_at is null;

-- The payins of a queued run's ended batches count as judged, so these batches are deleted. A resume creates the
-- batches again.
update hhrecon_run
set state = 'interrupted', broken = 'Hhrecon was upgraded while the run was under way.', broken_code = 'run.upgraded'
where state = 'running' and id in (select run_id from hhrecon_batch);

create view hhrecon_finding_answer as
select f.run_id, f.seq, f.project_id, f.payment_id,
       case when f.version = 1 then f.answer else (select a.body from hhrecon_answer as a where a.project_id = f.project_id and a.digest = f.answer_digest) end as answer
from hhrecon_finding as f;
comment on view hhrecon_finding_answer is 'HighHelp''s answer of each finding, as received, for all versions of entries.';
