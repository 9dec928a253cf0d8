-- Transactions of three shops in one table, with payins and withdrawals. Two shops are projects of HighHelp. The words are
-- Russian, and a comment says that the amounts are in tiyin.
create table shops (
  id integer primary key,
  name text not null unique,
  hh_project_id text unique
);
insert into shops values (1, 'Айчүрөк', '57aff4db-b45d-42bf-bc5f-b7a499a01782'), (2, 'Cash desk', null),
  (3, 'Ала-Тоо', '0cb4b0f0-7a4c-4b5e-9a51-1d0c3c1f7c11');

create table transactions (
  id bigint generated always as identity primary key,
  shop_id integer not null references shops,
  type varchar(12) not null check (type in ('payin', 'payout')),
  order_ref varchar(32) not null,
  amount bigint not null,
  currency text not null default 'KGS',
  status text not null default 'новый' check (status in
    ('новый', 'ожидает', 'в обработке', 'спор', 'ошибка', 'успешно', 'отклонен', 'возврат')),
  sub_status text,
  settled_amount bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (shop_id, order_ref)
);
comment on column transactions.amount is 'Сумма в тыйынах';
comment on column transactions.settled_amount is 'Зачислено, в тыйынах';
create index on transactions (shop_id, created_at);

create table balances (
  shop_id integer primary key references shops,
  amount bigint not null,
  status text not null,
  updated_at timestamptz not null
);

create table transaction_log (
  id bigint generated always as identity primary key,
  transaction_id bigint not null references transactions,
  status text not null,
  created_at timestamptz not null
);

-- fill
insert into transactions (shop_id, type, order_ref, amount, status, sub_status, settled_amount, created_at, updated_at)
select s.id, 'payin', payment_id, amount,
       case status when 'new' then 'новый' when 'pending' then 'ожидает' when 'processing' then 'в обработке'
                   when 'dispute' then 'спор' when 'success' then 'успешно' when 'decline' then 'отклонен' end,
       sub_status, settled_amount, created_at, updated_at
from sample
join shops as s on s.hh_project_id = project_id;
insert into transactions (shop_id, type, order_ref, amount, status, created_at, updated_at)
select 1 + n % 3, 'payout', 'OUT' || n, n * 1000, case n % 2 when 0 then 'в обработке' else 'успешно' end,
       now() - interval '5 hours', now() - interval '1 hour'
from generate_series(1, 60) as n;
insert into transactions (shop_id, type, order_ref, amount, status, created_at, updated_at)
select 2, 'payin', 'CASH' || n, n * 1000, 'в обработке', now() - interval '5 hours', now() - interval '1 hour'
from generate_series(1, 30) as n;
insert into balances select id, 1000, 'открыт', now() from shops;
insert into transaction_log (transaction_id, status, created_at) select id, status, created_at from transactions;

-- read
select order_ref as payment_id, status, sub_status, settled_amount, updated_at as changed_at
from transactions
