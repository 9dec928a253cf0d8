-- Returns the saved identity. Safe: it only reads.
select server, database, name, copy, recorded_at
from hhrecon_identity
