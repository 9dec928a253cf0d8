-- Adds a support state of a payin.
-- The statement is safe because it only adds a row, and existing states never change.
insert into hhrecon_support (project_id, payment_id, word, state, who, note, marked_at)
values (:project_id, :payment_id, :word, :state, :actor, :note, :marked_at)
