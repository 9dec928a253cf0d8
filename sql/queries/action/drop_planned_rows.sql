-- Deletes the rows of a person's action from the selection.
-- The statement is safe because the actions are saved in the same transaction.
delete from hhrecon_selection where run_id = cast(:planned as bigint) and seq between :first and :last
