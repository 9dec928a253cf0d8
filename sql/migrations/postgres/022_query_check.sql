-- +goose Up
-- This column stores the result of the check of the merchant's queries when the run was started or resumed.
alter table hhrecon_run add column query_check text not null default '';
comment on column hhrecon_run.query_check is 'JSON: faults of the merchant''s queries, which refuse corrections, and checks that could not be made; empty: checked without a fault';
