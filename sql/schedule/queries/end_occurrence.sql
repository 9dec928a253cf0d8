-- Ends a scheduled time. Safe: it finds the row only if the owner has the claim. Repeating it with the same state
-- changes nothing.
update hhrecon_due
set state = :state, note = :note
where job = :job and due_at = :at and owner_token = :token and state in ('claimed', :state)
