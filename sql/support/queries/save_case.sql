-- Adds a mark on a payin. Safe: marks are added to, and never changed.
insert into hhrecon_support (project_id, payment_id, word, state, who, note, marked_at)
values (:project_id, :payment_id, :word, :state, :who, :note, :marked_at)
