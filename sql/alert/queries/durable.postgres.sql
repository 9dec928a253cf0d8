-- Makes the transaction's commit wait for the disk. It overrides the setting of the server, the role and the URL. Safe:
-- the setting ends with the transaction.
set local synchronous_commit = on
