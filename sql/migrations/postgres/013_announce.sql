-- +goose Up
alter table hhrecon_run add column announce boolean not null default false;

-- The few runs of which it is still to be noted to whom their reports go.
create index hhrecon_run_announce on hhrecon_run (id) where announce;

comment on column hhrecon_run.announce is 'whether its report is to be sent, and hhrecon_report does not know of it yet';
