-- Ends a scheduled time. Safe: it finds the row only while the owner has it, and a repetition with the same state
-- changes nothing.
update hhrecon_due
set state = :state, note = :note
where job = :job and due_at = :at and owner_token = :token and state in ('claimed', :state)
