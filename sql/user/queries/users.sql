-- Returns the users by name. Safe: it only reads.
select name, role, hash, added_at
from hhrecon_user
order by name
