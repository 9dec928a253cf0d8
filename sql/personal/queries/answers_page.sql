-- Returns the last digest of the next page of a project's answers. It returns "" after the last page.
-- The statement only reads, using the primary key.
select coalesce(max(p.digest), '') from (
  select digest from hhrecon_answer where project_id = :project_id and digest > :after order by digest limit :limit
) as p
