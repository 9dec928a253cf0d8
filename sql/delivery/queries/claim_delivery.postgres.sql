-- Claims the waiting delivery that has been due longest.
-- The statement is safe because it skips a row that another process is claiming.
update hhrecon_delivery
set state = 'sending', owner_token = :token, owner_host = :host, owner_pid = :pid, owner_process = :process,
    tries = tries + 1, claimed_at = :clock, beat_at = :clock
where id = (
  select id
  from hhrecon_delivery
  where state = 'waiting' and next_at <= :now
  order by next_at, id
  limit 1
  for update skip locked
)
returning id
