-- SQLite's version, for people. Safe: it only reads.
select 'SQLite ' || sqlite_version()
