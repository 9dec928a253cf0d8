-- Empties HighHelp's alerts about one payin, and unreadable ones that name it. Safe: only the body goes.
update hhrecon_alert set body = :empty
where project_id = :project_id and (payment_id = :payment_id or id in (:unreadable)) and body <> :empty
