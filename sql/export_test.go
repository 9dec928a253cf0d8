package sql

// SetSearchDepth sets the maximum number of findings that a text search reads.
func (s *Store) SetSearchDepth(findings int) { s.searchDepth = findings }

// SetPruneSize sets the maximum number of rows that one transaction deletes.
func (s *Store) SetPruneSize(rows int64) { s.pruneSize = rows }
