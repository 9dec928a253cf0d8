package sql

// SetSearchDepth limits how many findings a text search reads.
func (s *Store) SetSearchDepth(findings int) { s.searchDepth = findings }

// SetPruneSize limits how many rows one transaction deletes.
func (s *Store) SetPruneSize(rows int64) { s.pruneSize = rows }
