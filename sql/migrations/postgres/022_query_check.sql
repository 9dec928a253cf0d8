-- +goose Up
-- What the proof of the merchant's queries found out when the run was begun or resumed.
alter table hhrecon_run add column query_check text not null default '';
comment on column hhrecon_run.query_check is 'JSON: faults of the merchant''s queries, for which corrections are refused, and what could not be proved; empty: proved without a fault';
