-- +goose Up
alter table hhrecon_run add column no_email boolean not null default false;

comment on column hhrecon_run.no_email is 'whether its report is not mailed; its workbook is still written';
comment on column hhrecon_run.announce is 'whether its report is still to be made and sent; the next process does it';
