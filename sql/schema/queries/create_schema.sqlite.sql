-- Creates the table of applied migrations. Safe: the caller has checked that it does not exist, and is the only writer.
create table hhrecon_schema (
  id         integer   primary key autoincrement,
  version_id integer   not null,
  is_applied integer   not null,
  tstamp     timestamp default (datetime('now'))
)
