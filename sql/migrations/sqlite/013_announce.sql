-- +goose Up
alter table hhrecon_run add column announce integer not null default 0 check (announce in (0, 1)); -- 1 if the run's report must still be published

-- This index contains the few runs whose reports are not published yet.
create index hhrecon_run_announce on hhrecon_run (id) where announce;
