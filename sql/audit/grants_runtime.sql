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
