-- HighHelp's answer about a finding f, if :answers says so. Safe: it only reads. It is a part of other statements.
coalesce((
         select a.answer from hhrecon_finding_answer as a where :answers and a.run_id = f.run_id and a.seq = f.seq
       ), '') as answer
