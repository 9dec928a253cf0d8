-- +goose Up
alter table hhrecon_selection add column locked boolean;
comment on column hhrecon_selection.locked is 'another transaction kept the row locked when its correction was tried; it is tried once more at the end of the run';
comment on column hhrecon_finding.correction is 'none: nothing to change; applied; superseded: the row had changed since; dry_run; held; refused: the merchant''s table would not take it; locked: another transaction kept the row';
