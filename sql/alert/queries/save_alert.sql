-- Saves an alert, unless an alert with the same signed text exists. The statement reports whether the alert was saved.
-- The statement is safe because the unique key accepts only one of two simultaneous alerts. A retry finds its own value
-- of :saving in the row, so the row is not treated as a duplicate.
insert into hhrecon_alert (
  project_id, payment_id, status, sub_status, amount, old_amount, initial_amount, text_digest, body, sent_timestamp,
  signature, received_at, state, note, saved_by
) values (
  :project_id, :payment_id, :status, :sub_status, :amount, :old_amount, :initial_amount, :text_digest, :body, :sent_timestamp,
  :signature, :received_at, :state, :note, :saving
)
on conflict (project_id, text_digest) do update set saved_by = hhrecon_alert.saved_by
returning saved_by = :saving
