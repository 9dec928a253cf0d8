-- Saves how many payins a run selected. If the run selected no payin, the statement also saves whether the project has
-- any row.
-- The statement is safe because it runs in the transaction that opens the run, and reads at most two of the merchant's
-- rows.
update hhrecon_run
set selected = :selected, unresolved = :unresolved,
    tally = case
      when cast(:unchecked as bigint) > 0 then '{"unchecked":' || cast(:unchecked as text) || '}'
      when cast(:selected as bigint) > 0 then '{}'
      when exists (
        select 1 from (
          :open_payins
        ) as o
      ) then '{}'
      when exists (
        select 1 from (
          :final_payins
        ) as f
      ) then '{}'
      else '{"no_rows":true}'
    end
where id = :run_id
