// Package reconcile has the rules that compare a merchant's open payins with HighHelp's answers.
//
// Call Judge first. Judge is a pure function from the merchant's row, HighHelp's answer and a project's rules to one
// Verdict. NewFinding returns the verdict with its evidence. Project.ChooseMode decides which corrections of a run wait
// for a person. Package run executes a run by these rules. Package sql stores the results.
//
// The package promises that the same row, answer and rules always give the same verdict. A run never changes a final
// row. An untrusted answer never changes a row. All amounts are whole minor units in int64.
package reconcile

// Map returns the results of a function for the elements of a slice, in order.
func Map[T, U any](all []T, f func(T) U) []U {
	mapped := make([]U, len(all))
	for i, one := range all {
		mapped[i] = f(one)
	}
	return mapped
}
