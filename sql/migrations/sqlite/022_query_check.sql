-- +goose Up
-- This column stores the result of the check of the merchant's queries when the run was started or resumed.
alter table hhrecon_run add column query_check text not null default '';
