-- +goose Up
-- This table contains findings of later runs that contradict the report of a period. A correction to that report
-- contains them. A row never changes, but its finding may be deleted because of its age.
create table hhrecon_report_late (
  report_id integer not null references hhrecon_report (id) on delete cascade,
  run_id    integer not null,
  seq       integer not null,
  primary key (report_id, run_id, seq)
) strict;
create index hhrecon_report_late_finding on hhrecon_report_late (run_id, seq, report_id);
