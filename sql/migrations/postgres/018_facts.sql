-- +goose Up
-- Faulty rows of the merchant's are selected too, and named. What the selection finds about a row is kept as facts.
alter table hhrecon_selection add column facts text;
comment on column hhrecon_selection.facts is 'JSON: what the selection found about the row, such as why it is faulty; null: nothing';

alter table hhrecon_finding
  alter column created_at drop not null,
  alter column updated_at drop not null,
  drop constraint hhrecon_finding_correction_check,
  add constraint hhrecon_finding_correction_check
    check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused', 'locked'));
comment on column hhrecon_finding.created_at is 'null: the row has none that can be';
comment on column hhrecon_finding.updated_at is 'null: the row has none';
comment on column hhrecon_finding.expires_at is 'by HighHelp''s expiration_date, or by its lifetime if neither that nor the row''s can be';

-- What the headline of a closed run goes by.
alter table hhrecon_run add column tally text not null default '';
comment on column hhrecon_run.tally is 'JSON: what a closed run came to, for its headline; empty: of a run that was closed before there was one';
