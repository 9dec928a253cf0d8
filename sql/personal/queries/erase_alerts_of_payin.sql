-- Erases the bodies of HighHelp's alerts about one payin, and of unreadable alerts that contain the payin's ID.
-- The statement is safe because it erases only the body.
update hhrecon_alert set body = :empty
where project_id = :project_id and (payment_id = :payment_id or id in (:unreadable)) and body <> :empty
