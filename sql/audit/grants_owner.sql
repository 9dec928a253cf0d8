-- These statements for psql set the rights of hhrecon's two database users. The user :owner is for "hhrecon migrate"
-- and "hhrecon prune" (HHRECON_OWNER_DATABASE_URL). The user :user is for everything else (HHRECON_DATABASE_URL), and
-- cannot change the audit log.

-- Run part 1 once as a superuser. Then set passwords with \password.
DO $$ DECLARE t text; BEGIN
  IF to_regrole(':owner') IS NULL THEN
    CREATE ROLE :owner LOGIN;
  END IF;
  IF to_regrole(':user') IS NULL THEN
    CREATE ROLE :user LOGIN;
  END IF;
  IF EXISTS (SELECT FROM pg_auth_members WHERE roleid = ':owner'::regrole AND member = ':user'::regrole) THEN
    REVOKE :owner FROM :user;
  END IF;
  -- :owner becomes the owner of the objects that have hhrecon's names. Other objects are not changed. Sequences come
  -- last, because changing a table's owner also changes the owner of its sequences.
  FOR t IN SELECT format('ALTER TABLE %s OWNER TO :owner', oid::regclass) FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')
        AND (relname LIKE 'hhrecon\_%' OR relname LIKE 'river\_%')
    UNION ALL SELECT format('ALTER FUNCTION %s OWNER TO :owner', oid::regprocedure) FROM pg_proc
      WHERE pronamespace = current_schema()::regnamespace AND (proname LIKE 'hhrecon\_%' OR proname LIKE 'river\_%')
    UNION ALL SELECT format('ALTER TYPE %s OWNER TO :owner', oid::regtype) FROM pg_type
      WHERE typnamespace = current_schema()::regnamespace AND typtype = 'e' AND typname LIKE 'river\_%'
    UNION ALL SELECT format('ALTER SEQUENCE %s OWNER TO :owner', oid::regclass) FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'
        AND (relname LIKE 'hhrecon\_%' OR relname LIKE 'river\_%')
  LOOP
    EXECUTE t;
  END LOOP;
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO :owner', current_schema());
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO :user', current_schema());
END $$;
