-- +goose Up
-- Findings of later runs that contradict the report of a period; a correction to that report contains them. Never
-- changed once written; the findings may be deleted by age.
create table hhrecon_report_late (
  report_id integer not null references hhrecon_report (id) on delete cascade,
  run_id    integer not null,
  seq       integer not null,
  primary key (report_id, run_id, seq)
) strict;
create index hhrecon_report_late_finding on hhrecon_report_late (run_id, seq, report_id);
