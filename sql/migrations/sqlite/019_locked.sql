-- +goose Up
alter table hhrecon_selection add column locked integer; -- 1 if the row was locked at the first attempt to correct it; the correction is tried again at the end of the run
