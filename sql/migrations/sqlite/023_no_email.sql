-- +goose Up
alter table hhrecon_run add column no_email integer not null default 0 check (no_email in (0, 1)); -- 1 if the run's report is not mailed; the workbook is still written
