-- Deletes a batch of payins from the selection, except payins whose rows are locked.
-- The statement is safe because the findings are saved in the same transaction, and the caller checks that as many
-- payins are deleted as findings are saved.
delete from hhrecon_selection
where run_id = :run_id and seq between :first and :last and outcome is not null
  and not coalesce(seq in (:aside), false)
