-- Reports whether an alert with a signed text exists.
-- The statement only reads, using the unique key of the two columns.
select exists (select 1 from hhrecon_alert where project_id = :project_id and text_digest = :text_digest)
