-- Returns the saved identity.
-- The statement only reads.
select server, database, name, copy, recorded_at
from hhrecon_identity
