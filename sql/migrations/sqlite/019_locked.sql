-- +goose Up
alter table hhrecon_selection add column locked integer; -- the row was locked when its correction was tried; it is retried at the end of the run
