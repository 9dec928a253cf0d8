-- Has the transaction's statements carried out as they are, without compiling them first. Safe: it ends with the transaction.
set local jit = off
