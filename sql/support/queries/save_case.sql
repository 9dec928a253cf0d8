-- Adds a support state of a payin. Safe: states are added, and never changed.
insert into hhrecon_support (project_id, payment_id, word, state, who, note, marked_at)
values (:project_id, :payment_id, :word, :state, :actor, :note, :marked_at)
