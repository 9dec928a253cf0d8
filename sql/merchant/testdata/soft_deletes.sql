-- Payments of a ticket office. Rows are never deleted: deleted_at marks them, and the view active_payments leaves them out.
-- The table has no column for a sub-status.
create table events (
  id integer primary key,
  name text not null,
  price numeric(10,2) not null,
  status text not null,
  starts_at timestamptz not null
);

create table payments (
  payment_id varchar(64) primary key,
  event_id integer not null references events,
  buyer_email text not null,
  price numeric(10,2) not null,
  fee numeric(10,2) not null default 0,
  currency_code varchar(3) not null,
  status text not null default 'new',
  received_amount numeric(10,2),
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index on payments (event_id);
create index on payments (status, created_at) where deleted_at is null;
create view active_payments as select * from payments where deleted_at is null;

create table payment_log (
  id bigint generated always as identity primary key,
  payment_id varchar(64) not null references payments,
  status text not null,
  amount numeric(10,2),
  created_at timestamptz not null
);

create table refunds (
  refund_id varchar(64) primary key,
  payment_id varchar(64) not null references payments,
  amount numeric(10,2) not null,
  currency_code varchar(3) not null,
  status text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create view active_refunds as select * from refunds where deleted_at is null;

create view sales_per_day as
select date_trunc('day', created_at) as day, count(*) as payments, sum(price) as total
from active_payments where status = 'paid' group by 1;

-- fill
insert into events
select n, 'Concert ' || n, n * 100, 'open', now() + n * interval '1 day' from generate_series(1, 20) as n;

insert into payments (payment_id, event_id, buyer_email, price, currency_code, status, received_amount, expires_at,
                      created_at, updated_at)
select payment_id, 1 + n % 20, 'buyer' || n || '@example.com', amount / 100.0, currency,
       case status when 'pending' then 'waiting_payment' when 'success' then 'paid' when 'decline' then 'declined'
                   else status end,
       settled_amount / 100.0, created_at + lifetime * interval '1 second', created_at, updated_at
from sample;
insert into payments (payment_id, event_id, buyer_email, price, currency_code, status, created_at, updated_at, deleted_at)
select 'gone-' || n, 1, 'test@example.com', n * 10, 'KGS',
       case n % 4 when 0 then 'error' when 1 then 'processing' when 2 then 'dispute' else 'paid' end,
       now() - interval '5 hours', now() - interval '4 hours', now() - interval '3 hours'
from generate_series(1, 40) as n;
insert into payments (payment_id, event_id, buyer_email, price, currency_code, status, created_at, updated_at)
select 'error-' || n, 1, 'test@example.com', n, 'KGS', 'error', now() - interval '90 days', now() - interval '89 days'
from generate_series(1, 5) as n;
insert into payment_log (payment_id, status, amount, created_at)
select payment_id, status, price, created_at from payments;
insert into refunds
select 'r-' || payment_id, payment_id, price, 'KGS', 'new', created_at, updated_at, null
from payments where deleted_at is not null;

-- read
select p.payment_id, p.status, h.sub_status, cast(p.received_amount * 100 as bigint) as settled_amount,
       p.updated_at as changed_at
from payments as p
left join hhrecon_payin as h on h.payment_id = p.payment_id
