-- Returns the sums of the amounts that people decided, released and undid in a project since a time. The sums are
-- grouped by actor, by the column facts, and by currency.
-- The statement only reads, using the index hhrecon_action_recent.
select a.who as "by", a.facts, f.currency,
       cast(sum(case when coalesce(f.amount, 0) > f.merchant_amount then f.amount else f.merchant_amount end / 1000000000) as text)
         || ' ' ||
       cast(sum(case when coalesce(f.amount, 0) > f.merchant_amount then f.amount else f.merchant_amount end % 1000000000) as text)
         as sum
from hhrecon_action as a
join hhrecon_finding as f on f.run_id = a.run_id and f.seq = a.seq
where a.project_id = :project_id and a.acted_at > :since
  and a.kind in ('decide', 'release', 'undo', 'undo_decision') and a.result in ('none', 'applied')
group by a.who, a.facts, f.currency
