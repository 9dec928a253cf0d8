-- A shop's orders: bigint ids, and amounts in som. HighHelp knows order 17 as order-17. The shop has no word for a dispute
-- or an error. A trigger sets updated_at.
create table customers (
  id bigint generated always as identity primary key,
  full_name text not null,
  phone varchar(20) not null unique,
  status varchar(20) not null default 'active',
  balance numeric(12,2) not null default 0,
  created_at timestamptz not null default now()
);

create table orders (
  id bigint primary key,
  customer_id bigint not null references customers,
  total numeric(12,2) not null check (total > 0),
  currency char(3) not null default 'KGS',
  status varchar(20) not null default 'new'
    check (status in ('new', 'awaiting_payment', 'processing', 'paid', 'cancelled', 'refunded')),
  status_reason text,
  paid_total numeric(12,2) check (paid_total > 0),
  comment text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (status <> 'paid' or paid_total is not null)
);
create index orders_customer on orders (customer_id);
create index orders_status on orders (status, created_at);

create table order_items (
  order_id bigint not null references orders,
  line integer not null,
  sku text not null,
  quantity integer not null,
  price numeric(12,2) not null,
  primary key (order_id, line)
);

create table refunds (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders,
  amount numeric(12,2) not null,
  status varchar(20) not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table payouts (
  payout_id text primary key,
  amount numeric(12,2) not null,
  currency char(3) not null,
  status varchar(20) not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table order_log (
  id bigint generated always as identity primary key,
  order_id bigint not null,
  status varchar(20) not null,
  created_at timestamptz not null
);

create function touch() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;
create trigger touch before update on orders for each row execute function touch();

-- fill
insert into customers (full_name, phone)
select 'Customer ' || n, '+996555' || lpad(cast(n as text), 6, '0') from generate_series(1, 20) as n;

insert into orders (id, customer_id, total, status, status_reason, paid_total, created_at, updated_at)
select cast(substr(payment_id, 7) as bigint), 1 + n % 20, amount / 100.0,
       case status when 'pending' then 'awaiting_payment' when 'success' then 'paid' when 'decline' then 'cancelled'
                   when 'dispute' then 'processing' else status end,
       sub_status, settled_amount / 100.0, created_at, updated_at
from sample;
insert into orders (id, customer_id, total, status, paid_total, created_at, updated_at)
select n, 1 + n % 20, n * 10, 'refunded', n * 10, now() - n * interval '3 hours', now() - n * interval '2 hours'
from generate_series(1, 20) as n;
insert into order_items select id, 1, 'sku', 1, total from orders;
insert into refunds (order_id, amount, status, created_at, updated_at)
select id, total, 'new', created_at, now() from orders where status = 'refunded';
insert into payouts
select 'out-' || n, n * 100, 'KGS', 'processing', now() - interval '5 hours', now() from generate_series(1, 30) as n;
insert into order_log (order_id, status, created_at) select id, status, created_at from orders;

-- read
select 'order-' || id as payment_id, status, status_reason as sub_status, cast(paid_total * 100 as bigint) as settled_amount,
       updated_at as changed_at
from orders
