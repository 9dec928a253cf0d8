-- Returns HighHelp's answer about a finding f if :answers is true. Safe: it only reads. Other statements include this
-- one.
coalesce((
         select a.answer from hhrecon_finding_answer as a where :answers and a.run_id = f.run_id and a.seq = f.seq
       ), '') as answer
