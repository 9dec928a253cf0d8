-- +goose Up
alter table hhrecon_run add column announce boolean not null default false;

-- This index contains the few runs whose reports are not published yet.
create index hhrecon_run_announce on hhrecon_run (id) where announce;

comment on column hhrecon_run.announce is 'whether its report is to be sent, and is not in hhrecon_report yet';
