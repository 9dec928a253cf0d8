-- Returns the users by name.
-- The statement only reads.
select name, role, hash, added_at
from hhrecon_user
order by name
