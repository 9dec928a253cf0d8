-- The end of the next page of a project's answers, "" behind the last. Safe: it only reads, by the primary key.
select coalesce(max(p.digest), '') from (
  select digest from hhrecon_answer where project_id = :project_id and digest > :after order by digest limit :limit
) as p
