-- Ends a due time. Safe: it finds it only while it is that owner's; ended twice in the same way, it is as it was.
update hhrecon_due
set state = :state, note = :note
where job = :job and due_at = :at and owner_token = :token and state in ('claimed', :state)
