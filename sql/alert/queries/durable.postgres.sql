-- Makes the transaction's commit wait for the disk. This setting overrides the setting of the server, the role and the
-- URL.
-- The statement is safe because the setting ends with the transaction.
set local synchronous_commit = on
