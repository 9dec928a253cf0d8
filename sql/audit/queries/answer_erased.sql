-- Whether an action of the project's audit log says that an answer was erased. Safe: it only reads.
select 0 < (select count(*) from hhrecon_action where project_id = :project_id and kind = 'erase' and answer_digest = :digest)
