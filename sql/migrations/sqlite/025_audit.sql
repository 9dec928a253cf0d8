-- +goose Up
-- Entry hashes can use a key. If the log has entries with a key, a process without the key cannot add entries.
alter table hhrecon_chain add column key_id text;
