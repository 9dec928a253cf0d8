-- These are the rights on the merchant's table for the default queries. Your own queries need the same rights on their
-- tables.
DO $$ BEGIN
  IF to_regclass('payins') IS NOT NULL THEN
    GRANT SELECT (project_id, payment_id, amount, currency, status, sub_status, settled_amount, lifetime, created_at,
      updated_at), UPDATE (status, sub_status, settled_amount, updated_at) ON payins TO :user;
  END IF;
END $$;

