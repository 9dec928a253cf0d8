-- Makes the transaction's commit wait for the disk. This setting overrides the setting of the server, the role and the
-- URL. Safe: the setting ends with the transaction.
set local synchronous_commit = on
