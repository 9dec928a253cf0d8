-- The users by name; an empty :name stands for all. Safe: it only reads.
select name, role, hash, added_at
from hhrecon_user
where cast(:name as text) = '' or name = :name
order by name
