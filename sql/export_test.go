package sql

// SetSearchDepth makes a text be looked for in fewer findings.
func (s *Store) SetSearchDepth(findings int) { s.searchDepth = findings }
