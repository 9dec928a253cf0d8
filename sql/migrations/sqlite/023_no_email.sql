-- +goose Up
alter table hhrecon_run add column no_email integer not null default 0 check (no_email in (0, 1)); -- whether its report is not mailed; its workbook is still written
