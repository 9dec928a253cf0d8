-- +goose Up
alter table hhrecon_run add column announce integer not null default 0 check (announce in (0, 1)); -- whether its report is to be sent, and is not in hhrecon_report yet

-- The few runs whose reports are not published yet.
create index hhrecon_run_announce on hhrecon_run (id) where announce;
