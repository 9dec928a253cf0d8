package reports

import "regexp"

// The sentences about a run that reconcile.HoldLimits keeps with it, in English, with their figures.
var (
	heldBySum   = regexp.MustCompile(`^the payins to be declined, rejected or disputed sum up to (\d+) minor units, above hold_above_sum (\d+)$`)
	heldByShare = regexp.MustCompile(`^(\d+) of (\d+) answered open payins would be declined, rejected or disputed, more than the share of (\d+) %$`)
	heldByUsual = regexp.MustCompile(`^([\d.]+) % of the answered open payins would be declined, rejected or disputed, more than ([\d.e+]+) times the usual ([\d.]+) %$`)
	wouldBeHeld = regexp.MustCompile(`^would be held: (.+)$`)
)

// NoteOf is a run's note in the report's language, on one line. A note that is not one of hhrecon's own on why a run is
// held stands as it was kept.
func (o *Options) NoteOf(note string) string {
	w, err := o.words()
	if err != nil {
		return OneLine(note)
	}
	return w.note(OneLine(note))
}

func (w words) note(note string) string {
	if m := wouldBeHeld.FindStringSubmatch(note); m != nil {
		return w.say("would be held: %s", w.note(m[1]))
	}
	if m := heldBySum.FindStringSubmatch(note); m != nil {
		return w.say("the payins to be declined, rejected or disputed sum up to %s minor units, above hold_above_sum %s", m[1], m[2])
	}
	if m := heldByShare.FindStringSubmatch(note); m != nil {
		return w.say("%s of %s answered open payins would be declined, rejected or disputed, more than the share of %s %%", m[1], m[2], m[3])
	}
	if m := heldByUsual.FindStringSubmatch(note); m != nil {
		return w.say("%s %% of the answered open payins would be declined, rejected or disputed, more than %s times the usual %s %%", m[1], m[2], m[3])
	}
	return note
}
