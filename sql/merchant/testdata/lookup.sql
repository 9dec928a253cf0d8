-- Deposits of a game: smallint codes that a lookup table explains, and names of columns in short form. The amounts are in
-- minor units. Two codes mean a decline.
create table deposit_statuses (
  id smallint primary key,
  code varchar(20) not null unique,
  title text not null,
  is_final boolean not null
);
insert into deposit_statuses values
  (10, 'NEW', 'Создан', false), (20, 'WAITING', 'Ожидает оплаты', false), (30, 'PROCESSING', 'В обработке', false),
  (35, 'APPEAL', 'Апелляция', false), (37, 'ERROR', 'Ошибка', false), (40, 'PAID', 'Оплачен', true),
  (50, 'DECLINED', 'Отклонён', true), (55, 'EXPIRED', 'Просрочен', true), (90, 'REFUNDED', 'Возврат', true);

create table players (
  id integer generated always as identity primary key,
  nick varchar(40) not null unique,
  balance_minor bigint not null default 0
);

create table deposits (
  id integer generated always as identity primary key,
  player_id integer not null references players,
  external_ref varchar(64) not null unique,
  amount_minor integer not null check (amount_minor between 1 and 2000000000),
  ccy smallint not null default 417,
  status_id smallint not null default 10 references deposit_statuses,
  sub_status varchar(40),
  settled_minor integer,
  ttl_sec integer,
  created_at timestamptz(0) not null default now(),
  updated_at timestamptz(0)
);
create index deposits_open on deposits (created_at) where status_id < 40;

create table withdrawals (
  id integer generated always as identity primary key,
  player_id integer not null references players,
  external_ref varchar(64) not null unique,
  amount_minor integer not null,
  status_id smallint not null references deposit_statuses,
  created_at timestamptz(0) not null,
  updated_at timestamptz(0)
);

create table deposit_refunds (
  deposit_id integer primary key references deposits,
  amount_minor integer not null,
  status_id smallint not null references deposit_statuses,
  created_at timestamptz(0) not null
);

create table callback_log (
  id bigint generated always as identity primary key,
  external_ref varchar(64),
  status text,
  amount bigint,
  body jsonb,
  created_at timestamptz not null
);

-- fill
insert into players (nick) select 'player' || n from generate_series(1, 20) as n;

insert into deposits (player_id, external_ref, amount_minor, status_id, sub_status, settled_minor, ttl_sec, created_at,
                      updated_at)
select 1 + n % 20, payment_id, amount,
       case status when 'new' then 10 when 'pending' then 20 when 'processing' then 30 when 'dispute' then 35
                   when 'success' then 40 when 'decline' then 50 end,
       sub_status, settled_amount, lifetime, created_at, updated_at
from sample;
insert into deposits (player_id, external_ref, amount_minor, status_id, created_at, updated_at)
select 1 + n % 20, 'OLD' || n, n * 1000, case n % 2 when 0 then 55 else 90 end, now() - n * interval '3 days',
       now() - n * interval '2 days'
from generate_series(1, 20) as n;
insert into withdrawals (player_id, external_ref, amount_minor, status_id, created_at, updated_at)
select 1 + n % 20, 'OUT' || n, n * 1000, 30, now() - interval '5 hours', now() from generate_series(1, 30) as n;
insert into deposit_refunds select id, amount_minor, 10, now() from deposits where status_id = 90;
insert into callback_log (external_ref, status, amount, body, created_at)
select external_ref, 'success', amount_minor, '{}', created_at from deposits;

-- read
select d.external_ref as payment_id, s.code as status, d.sub_status, cast(d.settled_minor as bigint) as settled_amount,
       d.updated_at as changed_at
from deposits as d
join deposit_statuses as s on s.id = d.status_id
