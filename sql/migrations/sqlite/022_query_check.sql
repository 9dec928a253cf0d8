-- +goose Up
-- What the proof of the merchant's queries found out when the run was begun or resumed.
alter table hhrecon_run add column query_check text not null default '';
