package totals

import (
	"slices"

	"hhrecon/reconcile"
)

// Heads are those of the audit logs of some runs' projects, each with its project, for people.
func Heads(runs []reconcile.Run) (heads []string) {
	for i := range runs {
		head := runs[i].ProjectID + " " + runs[i].Head.String()
		if runs[i].Head.Entries > 0 && !slices.Contains(heads, head) {
			heads = append(heads, head)
		}
	}
	return heads
}
