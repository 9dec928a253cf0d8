package expired

import (
	"fmt"

	"hhrecon/reconcile"
)

// mostHoldings is how many reasons are named of a project.
const mostHoldings = 20

// Blockers name the runs that keep older ones from being pruned.
func Blockers(p *reconcile.Pruning) []string {
	var lines []string
	for _, h := range p.Blockers[:min(mostHoldings, len(p.Blockers))] {
		lines = append(lines, fmt.Sprintf("run %d: %s", h.RunID, h.Reason()))
	}
	if more := len(p.Blockers) - mostHoldings; more > 0 {
		lines = append(lines, fmt.Sprintf("… and %d more", more))
	}
	return lines
}
