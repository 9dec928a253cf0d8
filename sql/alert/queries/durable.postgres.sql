-- Has the transaction's commit wait until it is on the disk, whatever the server, the role or the URL sets. Safe: it
-- ends with the transaction.
set local synchronous_commit = on
