-- +goose Up
-- Entries can be made with a key. Once they are, a process without the key must not add any.
alter table hhrecon_chain add column key_id text;
