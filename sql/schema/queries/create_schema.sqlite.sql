-- Creates the table of applied migrations.
-- The statement is safe because the caller has checked that the table does not exist, and is the only writer.
create table hhrecon_schema (
  id         integer   primary key autoincrement,
  version_id integer   not null,
  is_applied integer   not null,
  tstamp     timestamp default (datetime('now'))
)
