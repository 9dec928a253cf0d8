package sql

// SetSearchDepth makes a text be looked for in fewer findings.
func (s *Store) SetSearchDepth(findings int) { s.searchDepth = findings }

// SetPruneSize makes less be taken out at once.
func (s *Store) SetPruneSize(rows int64) { s.pruneSize = rows }
