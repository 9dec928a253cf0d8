-- Ends a scheduled time.
-- The statement is safe because it finds the row only if the owner has the claim. A repeated call with the same state
-- changes nothing.
update hhrecon_due
set state = :state, note = :note
where job = :job and due_at = :at and owner_token = :token and state in ('claimed', :state)
