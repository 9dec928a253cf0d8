-- +goose Up
-- The merchant's faulty rows are selected too, and reported. Column facts stores facts about a row that the selection
-- detects.
alter table hhrecon_selection add column facts text;
comment on column hhrecon_selection.facts is 'JSON: what the selection found about the row, such as why it is faulty; null: nothing';

alter table hhrecon_finding
  alter column created_at drop not null,
  alter column updated_at drop not null,
  drop constraint hhrecon_finding_correction_check,
  add constraint hhrecon_finding_correction_check
    check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused', 'locked'));
comment on column hhrecon_finding.created_at is 'null: the row has no valid time';
comment on column hhrecon_finding.updated_at is 'null: the row has no time';
comment on column hhrecon_finding.expires_at is 'from HighHelp''s expiration_date, or from its lifetime if neither expiration_date nor the row''s lifetime is valid';

-- This column stores facts for the headline of a closed run.
alter table hhrecon_run add column tally text not null default '';
comment on column hhrecon_run.tally is 'JSON: facts for the headline of a closed run; empty: the run was closed before there was a headline';
