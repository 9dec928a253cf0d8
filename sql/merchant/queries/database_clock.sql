-- Returns the time of the database's clock. Safe: it only reads.
select :clock as clock
