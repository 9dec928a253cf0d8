-- +goose Up
-- What a correction to a period says by the word of runs after the period: findings that contradict what its
-- readers were told. Never changed once written; the findings may have been taken out by age.
create table hhrecon_report_late (
  report_id integer not null references hhrecon_report (id) on delete cascade,
  run_id    integer not null,
  seq       integer not null,
  primary key (report_id, run_id, seq)
) strict;
create index hhrecon_report_late_finding on hhrecon_report_late (run_id, seq, report_id);
