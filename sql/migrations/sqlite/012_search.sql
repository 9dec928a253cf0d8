-- +goose Up
-- These indexes are for looking up findings by outcome, except confirmed ones, and findings that may wait for a person.
create index hhrecon_finding_outcome on hhrecon_finding (outcome, run_id, seq);
create index hhrecon_finding_undecided on hhrecon_finding (project_id, payment_id, run_id) where outcome in ('different_amount', 'reversed');

-- Alerts start many small runs. With these indexes, statements need not read all runs to find a project's runs, open
-- runs, and runs that no alert started.
create index hhrecon_run_project on hhrecon_run (project_id, id);
create index hhrecon_run_unended on hhrecon_run (project_id, state) where state in ('running', 'interrupted', 'held');
create index hhrecon_run_no_alert on hhrecon_run (id) where origin <> 'alert';
