-- +goose Up
-- Findings of one outcome, in a run or of all, without reading the confirmed ones; and those that may wait for a person.
create index hhrecon_finding_outcome on hhrecon_finding (outcome, run_id, seq);
create index hhrecon_finding_undecided on hhrecon_finding (project_id, payment_id, run_id) where outcome in ('different_amount', 'reversed');

-- Alerts begin many small runs: a project's runs, those that are not ended, and those that no alert began, without
-- reading all.
create index hhrecon_run_project on hhrecon_run (project_id, id);
create index hhrecon_run_unended on hhrecon_run (project_id, state) where state in ('running', 'interrupted', 'held');
create index hhrecon_run_no_alert on hhrecon_run (id) where origin <> 'alert';
