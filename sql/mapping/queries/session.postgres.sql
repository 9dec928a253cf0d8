-- Returns the user and the time zone of other sessions. The zone is empty if the sessions of some roles have another
-- zone, or if the URL of this session sets the zone. Safe: it only reads.
select current_user as "user",
       coalesce((select case when count(distinct z.zone) = 1 then max(z.zone) end
                 from (select split_part(c.setting, '=', 2) as zone
                       from pg_db_role_setting as r
                       cross join unnest(r.setconfig) as c (setting)
                       where r.setdatabase in (0, (select oid from pg_database where datname = current_database()))
                         and lower(c.setting) like 'timezone=%'
                       union
                       select reset_val
                       from pg_settings
                       where name = 'TimeZone' and source not in ('client', 'user', 'database user')
                 ) as z), '') as timezone
