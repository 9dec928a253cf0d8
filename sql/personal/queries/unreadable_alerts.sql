-- Returns the next unreadable alerts of a project that have a body.
-- The statement only reads, one page at a time, using the primary key.
select id, body from hhrecon_alert
where project_id = :project_id and state = 'unreadable' and id > :after and body <> :empty
order by id
limit :limit
