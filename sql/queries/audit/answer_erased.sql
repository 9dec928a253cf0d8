-- Whether an action of the audit log says that an answer was erased. Safe: it only reads.
select 0 < (select count(*) from hhrecon_action where kind = 'erase' and answer_digest = :digest)
