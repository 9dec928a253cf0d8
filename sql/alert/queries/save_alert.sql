-- Keeps an alert, or counts an exact duplicate on the one that is there, and tells which. Safe: the unique key decides
-- between two at once; a saving that is tried again finds its own mark, and is no repetition of itself.
insert into hhrecon_alert (
  project_id, payment_id, status, sub_status, alert_key, version, body, sent_timestamp, signature, received_at, state,
  note, saved_by
) values (
  :project_id, :payment_id, :status, :sub_status, :alert_key, :version, :body, :sent_timestamp, :signature, :received_at, :state,
  :note, :saving
)
on conflict (project_id, alert_key, version) do update
set repeats = hhrecon_alert.repeats + case when :saving in (hhrecon_alert.saved_by, hhrecon_alert.repeated_by) then 0 else 1 end,
    repeated_by = case when :saving = hhrecon_alert.saved_by then hhrecon_alert.repeated_by else :saving end
returning saved_by = :saving
