-- Takes what a person ordered out of the selection again. Safe: its actions are written in the same transaction.
delete from hhrecon_selection where run_id = cast(:planned as bigint) and seq between :first and :last
