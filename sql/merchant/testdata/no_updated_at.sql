-- Top-ups of phones. The table has no time of the last change; a trigger writes each change into another table.
create table topups (
  id bigint generated always as identity primary key,
  reference text not null unique,
  phone varchar(20) not null,
  amount_som numeric(10,2) not null,
  status text not null default 'new' check (status in
    ('new', 'pending', 'in_process', 'disputed', 'failed_technical', 'done', 'failed')),
  status_details text,
  received_som numeric(10,2),
  created_at timestamptz not null default now()
);
create index on topups (created_at);

create table topup_changes (
  id bigint generated always as identity primary key,
  topup_id bigint not null references topups,
  before jsonb not null,
  after jsonb not null,
  changed_at timestamptz not null default now()
);

create table refunds (
  id bigint generated always as identity primary key,
  reference text not null unique,
  amount_som numeric(10,2) not null,
  status text not null,
  created_at timestamptz not null
);

create table operators (
  code varchar(4) primary key,
  name text not null
);

create function keep_change() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into topup_changes (topup_id, before, after) values (new.id, to_jsonb(old), to_jsonb(new));
  return new;
end $$;
create trigger keep_change after update on topups for each row execute function keep_change();

-- fill
insert into operators values ('0555', 'One'), ('0777', 'Two');

insert into topups (reference, phone, amount_som, status, status_details, received_som, created_at)
select payment_id, '+996555' || lpad(cast(n as text), 6, '0'), amount / 100.0,
       case status when 'processing' then 'in_process' when 'dispute' then 'disputed' when 'success' then 'done'
                   when 'decline' then 'failed' else status end,
       sub_status, settled_amount / 100.0, created_at
from sample;
insert into topups (reference, phone, amount_som, status, created_at)
select 'T' || n, '+996700000000', n, 'failed_technical', now() - interval '90 days' from generate_series(1, 10) as n;
insert into refunds (reference, amount_som, status, created_at)
select reference, amount_som, 'new', created_at from topups where status = 'done';

-- read
select reference as payment_id, status, status_details as sub_status, cast(received_som * 100 as bigint) as settled_amount,
       cast(null as timestamptz) as changed_at
from topups
