-- Deposits of a savings app. The table has no settled amount: the app takes the deposited amount. The amounts are in cents.
create table accounts (
  id bigint generated always as identity primary key,
  owner text not null,
  currency char(3) not null default 'KGS',
  balance_cents bigint not null default 0,
  status text not null default 'open'
);

create table deposits (
  deposit_id text primary key,
  account_id bigint not null references accounts,
  amount_cents bigint not null check (amount_cents > 0),
  currency char(3) not null,
  status varchar(30) not null,
  substatus varchar(64),
  lifetime integer,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create index on deposits (account_id);
create index on deposits (status) where status not in ('SUCCESS', 'CANCELED');

create table ledger_entries (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  deposit_id text references deposits,
  amount_cents bigint not null,
  status text not null,
  created_at timestamptz not null default now()
);

create table payouts (
  payout_id text primary key,
  account_id bigint not null references accounts,
  amount_cents bigint not null,
  currency char(3) not null,
  status varchar(30) not null,
  substatus varchar(64),
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table app_logs (
  id bigint generated always as identity primary key,
  level text not null,
  message text not null,
  created_at timestamptz not null
);

-- fill
insert into accounts (owner) select 'Owner ' || n from generate_series(1, 20) as n;

insert into deposits
select payment_id, 1 + n % 20, amount, currency,
       case status when 'new' then 'INIT' when 'pending' then 'PENDING' when 'processing' then 'IN_PROGRESS'
                   when 'dispute' then 'DISPUTED' when 'decline' then 'CANCELED' else upper(status) end,
       sub_status, lifetime, created_at, updated_at
from sample;
insert into deposits
select 'error' || n, 1, n, 'KGS', 'ERROR', null, 600, now() - interval '90 days', now() - interval '90 days'
from generate_series(1, 10) as n;
insert into ledger_entries (account_id, deposit_id, amount_cents, status, created_at)
select account_id, deposit_id, amount_cents, 'posted', now() from deposits where status = 'SUCCESS';
insert into payouts
select 'out-' || n, 1 + n % 20, n * 100, 'KGS', 'IN_PROGRESS', null, now() - interval '5 hours', now()
from generate_series(1, 30) as n;
insert into app_logs (level, message, created_at) select 'info', 'started', now() from generate_series(1, 30);

-- read
select d.deposit_id as payment_id, d.status, d.substatus as sub_status, h.settled_amount, d.updated_at as changed_at
from deposits as d
left join hhrecon_payin as h on h.payment_id = d.deposit_id
