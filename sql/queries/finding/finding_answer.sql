-- HighHelp's answer about a finding f. Safe: it only reads. It is a part of other statements.
coalesce(f.answer, '') as answer
