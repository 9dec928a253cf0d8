-- Returns the time of the database's clock.
-- The statement only reads.
select :clock as clock
