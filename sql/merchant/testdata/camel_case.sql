-- Payment orders of a program that quotes all names, in a schema for billing. A trigger counts the changes of a row.
create schema "Billing";

create table "Billing"."Customers" (
  "Id" integer generated always as identity primary key,
  "DisplayName" text not null,
  "Status" text not null default 'Active',
  "CreatedAt" timestamptz not null default now()
);

create table "Billing"."PaymentOrders" (
  "Id" bigint generated always as identity primary key,
  "CustomerId" integer not null references "Billing"."Customers" ("Id"),
  "OrderNumber" text not null,
  "Amount" numeric(18,2) not null,
  "Currency" varchar(3) not null,
  "Status" varchar(32) not null,
  "SubStatus" varchar(64),
  "PaidAmount" numeric(18,2),
  "LifetimeSeconds" integer,
  "CreatedAt" timestamptz not null,
  "UpdatedAt" timestamptz not null,
  "IsDeleted" boolean not null default false,
  "RowVersion" integer not null default 1,
  constraint "UQ_PaymentOrders_OrderNumber" unique ("OrderNumber")
);
create index "IX_PaymentOrders_CustomerId" on "Billing"."PaymentOrders" ("CustomerId");

create table "Billing"."Refunds" (
  "Id" bigint generated always as identity primary key,
  "OrderNumber" text not null references "Billing"."PaymentOrders" ("OrderNumber"),
  "Amount" numeric(18,2) not null,
  "Currency" varchar(3) not null,
  "Status" varchar(32) not null,
  "CreatedAt" timestamptz not null,
  "UpdatedAt" timestamptz not null
);

create table "Billing"."PayoutOrders" (
  "Id" bigint generated always as identity primary key,
  "OrderNumber" text not null unique,
  "Amount" numeric(18,2) not null,
  "Currency" varchar(3) not null,
  "Status" varchar(32) not null,
  "CreatedAt" timestamptz not null,
  "UpdatedAt" timestamptz not null
);

create table "Billing"."AuditLog" (
  "Id" bigint generated always as identity primary key,
  "Table" text not null,
  "Status" text,
  "CreatedAt" timestamptz not null
);

create table "__EFMigrationsHistory" ("MigrationId" varchar(150) primary key, "ProductVersion" varchar(32) not null);

create function "Billing"."CountChange"() returns trigger language plpgsql as $$
begin
  new."RowVersion" := old."RowVersion" + 1;
  return new;
end $$;
create trigger "CountChange" before update on "Billing"."PaymentOrders"
  for each row execute function "Billing"."CountChange"();

-- fill
insert into "Billing"."Customers" ("DisplayName") select 'Customer ' || n from generate_series(1, 20) as n;

insert into "Billing"."PaymentOrders" ("CustomerId", "OrderNumber", "Amount", "Currency", "Status", "SubStatus", "PaidAmount",
                                       "LifetimeSeconds", "CreatedAt", "UpdatedAt")
select 1 + n % 20, payment_id, amount / 100.0, currency,
       case status when 'new' then 'Created' when 'pending' then 'WaitingForPayment' when 'processing' then 'InProgress'
                   when 'dispute' then 'Disputed' when 'success' then 'Completed' when 'decline' then 'Rejected' end,
       sub_status, settled_amount / 100.0, lifetime, created_at, updated_at
from sample;
insert into "Billing"."PaymentOrders" ("CustomerId", "OrderNumber", "Amount", "Currency", "Status", "CreatedAt", "UpdatedAt",
                                       "IsDeleted")
select 1, 'deleted-' || n, n, 'KGS', 'InProgress', now() - interval '5 hours', now() - interval '4 hours', true
from generate_series(1, 30) as n;
insert into "Billing"."Refunds" ("OrderNumber", "Amount", "Currency", "Status", "CreatedAt", "UpdatedAt")
select "OrderNumber", "Amount", "Currency", 'Created', "CreatedAt", "UpdatedAt"
from "Billing"."PaymentOrders" where "Status" = 'Completed';
insert into "Billing"."PayoutOrders" ("OrderNumber", "Amount", "Currency", "Status", "CreatedAt", "UpdatedAt")
select 'out-' || n, n, 'KGS', 'InProgress', now() - interval '5 hours', now() from generate_series(1, 300) as n;
insert into "Billing"."AuditLog" ("Table", "Status", "CreatedAt") select 'PaymentOrders', 'Created', now();
insert into "__EFMigrationsHistory" values ('20260101000000_Initial', '9.0.0');

-- read
select "OrderNumber" as payment_id, "Status" as status, "SubStatus" as sub_status,
       cast("PaidAmount" * 100 as bigint) as settled_amount, "UpdatedAt" as changed_at
from "Billing"."PaymentOrders"
