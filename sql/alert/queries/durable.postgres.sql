-- Makes the transaction's commit wait for the disk, whatever the server, the role or the URL sets. Safe: the setting
-- ends with the transaction.
set local synchronous_commit = on
