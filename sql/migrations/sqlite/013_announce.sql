-- +goose Up
alter table hhrecon_run add column announce integer not null default 0 check (announce in (0, 1)); -- whether its report is to be sent, and hhrecon_report does not know of it yet

-- The few runs of which it is still to be noted to whom their reports go.
create index hhrecon_run_announce on hhrecon_run (id) where announce;
