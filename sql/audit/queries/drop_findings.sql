-- Takes findings out that lie behind their project's anchor. Safe: the anchor was moved in this transaction, and a trigger refuses
-- what lies before it; the caller counts.
delete from hhrecon_finding
where project_id = :project_id and chain_seq > :from and chain_seq <= :to
