-- Claims the waiting delivery that has been due longest.
-- The statement is safe because the transaction is SQLite's only writer.
update hhrecon_delivery
set state = 'sending', owner_token = :token, owner_host = :host, owner_pid = :pid, owner_process = :process,
    tries = tries + 1, claimed_at = :clock, beat_at = :clock
where id = (
  select id
  from hhrecon_delivery
  where state = 'waiting' and next_at <= :now
  order by next_at, id
  limit 1
)
returning id
