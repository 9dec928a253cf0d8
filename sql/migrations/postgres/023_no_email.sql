-- +goose Up
alter table hhrecon_run add column no_email boolean not null default false;

comment on column hhrecon_run.no_email is 'whether its report is not sent; its workbook is written all the same';
comment on column hhrecon_run.announce is 'whether its report is to be made and sent, and was not; the next process does it';
