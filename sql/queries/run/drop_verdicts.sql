-- Takes a batch of payins out of the selection, but for those set aside. Safe: their findings are written in the same
-- transaction, and the caller compares the two counts.
delete from hhrecon_selection
where run_id = :run_id and seq between :first and :last and outcome is not null
  and not coalesce(seq in (:aside), false)
