-- +goose Up
-- Entry hashes can use a key. Once they do, a process without the key must not add entries.
alter table hhrecon_chain add column key_id text;
