-- Returns HighHelp's answer about a finding (alias f) if :answers is true.
-- The statement only reads. Other statements include this statement.
coalesce((
         select a.answer from hhrecon_finding_answer as a where :answers and a.run_id = f.run_id and a.seq = f.seq
       ), '') as answer
