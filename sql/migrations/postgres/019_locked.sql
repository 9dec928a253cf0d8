-- +goose Up
alter table hhrecon_selection add column locked boolean;
comment on column hhrecon_selection.locked is 'another transaction had locked the row when its correction was tried; it is retried at the end of the run';
comment on column hhrecon_finding.correction is 'none: nothing to change; applied; superseded: the row had changed meanwhile; dry_run; held; refused: the merchant''s table rejected it; locked: another transaction held a lock on the row';
