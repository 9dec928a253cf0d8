-- Takes out some of the answers that no run is kept of any more. Safe: an answer is last seen after the start of each run that
-- has it, and the clocks of two machines differ by less than the day that is left; one that is being seen again is not
-- taken, because its row tells when that was.
delete from hhrecon_answer
where digest in (
  select digest from hhrecon_answer where last_seen_at < :answers_before limit :limit
) and last_seen_at < :answers_before
