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
-- These are the rights on the merchant's table for the default queries. Your own queries need the same rights on their
-- tables.
DO $$ BEGIN
  IF to_regclass('payins') IS NOT NULL THEN
    GRANT SELECT (project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at,
      updated_at), UPDATE (status, sub_status, settled_amount, updated_at) ON payins TO :user;
  END IF;
END $$;

-- Run part 2 as :owner after each "hhrecon migrate".
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
      AND (relname LIKE 'hhrecon\_%' OR relname LIKE 'river\_%')
  LOOP
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, :user', t);
    IF t LIKE '%\_seq' THEN
      EXECUTE format('GRANT USAGE ON SEQUENCE %I TO :user', t);
    ELSE
      EXECUTE format('GRANT %s ON %I TO :user', CASE
        WHEN t IN ('hhrecon_anchor', 'hhrecon_schema', 'hhrecon_finding_answer') THEN 'SELECT'
        WHEN t LIKE 'hhrecon\_finding%' OR t = 'hhrecon_action' THEN 'SELECT, INSERT'
        WHEN t IN ('hhrecon_run', 'hhrecon_chain', 'hhrecon_answer') THEN 'SELECT, INSERT, UPDATE'
        ELSE 'SELECT, INSERT, UPDATE, DELETE' END, t);
    END IF;
  END LOOP;
END $$;
