-- Payments of a marketplace: UUIDs, an enum with the marketplace's own words, and amounts in tiyin.
create type payment_state as enum ('created', 'pending', 'in_progress', 'dispute', 'error', 'paid', 'declined', 'refunded');

create table users (
  id uuid primary key default gen_random_uuid(),
  login text not null unique,
  state text not null default 'active',
  created_at timestamptz not null default now()
);

create table payments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users,
  amount_tiyin bigint not null check (amount_tiyin > 0),
  currency varchar(3) not null default 'KGS',
  state payment_state not null default 'created',
  state_details varchar(64),
  paid_tiyin bigint not null default 0 check (paid_tiyin >= 0),
  ttl interval,
  created_at timestamptz not null default now(),
  modified_at timestamptz not null default now(),
  meta jsonb not null default '{}'
);
create index on payments (user_id);
create index on payments (created_at) where state in ('created', 'pending', 'in_progress', 'dispute', 'error');

create table payment_events (
  id bigint generated always as identity primary key,
  payment_id uuid not null references payments,
  state payment_state not null,
  created_at timestamptz not null default now()
);

create table payouts (
  id uuid primary key default gen_random_uuid(),
  amount_tiyin bigint not null,
  currency varchar(3) not null,
  state payment_state not null,
  created_at timestamptz not null,
  modified_at timestamptz not null
);

create table payment_refunds (
  id uuid primary key default gen_random_uuid(),
  payment_id uuid not null references payments,
  amount_tiyin bigint not null,
  state payment_state not null,
  created_at timestamptz not null
);

-- The marketplace keeps a history of states. The function runs with its owner's rights.
create function keep_state() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into payment_events (payment_id, state) values (new.id, new.state);
  return null;
end $$;
create trigger keep_state after update on payments for each row execute function keep_state();

-- fill
insert into users (login) select 'user' || n from generate_series(1, 20) as n;

insert into payments (id, user_id, amount_tiyin, state, state_details, paid_tiyin, ttl, created_at, modified_at)
select cast(payment_id as uuid), (select id from users where login = 'user' || 1 + n % 20), amount,
       cast(case status when 'new' then 'created' when 'processing' then 'in_progress' when 'success' then 'paid'
                        when 'decline' then 'declined' else status end as payment_state),
       sub_status, coalesce(settled_amount, 0), lifetime * interval '1 second', created_at, updated_at
from sample;
insert into payments (user_id, amount_tiyin, state, paid_tiyin, created_at, modified_at)
select (select id from users where login = 'user1'), n * 1000, 'refunded', n * 1000, now() - n * interval '3 hours', now()
from generate_series(1, 20) as n;
insert into payouts (amount_tiyin, currency, state, created_at, modified_at)
select n * 100, 'KGS', 'in_progress', now() - interval '5 hours', now() from generate_series(1, 30) as n;
insert into payment_refunds (payment_id, amount_tiyin, state, created_at)
select id, amount_tiyin, 'created', now() from payments where state = 'refunded';

-- read
select cast(id as text) as payment_id, cast(state as text) as status, state_details as sub_status,
       nullif(paid_tiyin, 0) as settled_amount, modified_at as changed_at
from payments
