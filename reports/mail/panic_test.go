package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// sick is an archive in which a report panics.
type sick struct{ reconcile.Archive }

func (sick) Totals(context.Context, reconcile.ReportScope) ([]reconcile.Total, error) {
	panic("a fault")
}

// TestPanicIsNoFaultOfTheServer: a report that panics cannot be made, and says so; later it is sent, and not as one
// that may have arrived before.
func TestPanicIsNoFaultOfTheServer(t *testing.T) {
	onBoth(t, func(s *scene) {
		s.night()
		s.mailer.Archive = sick{s.store}
		s.deliver()
		const why = "the workbook of run 1 cannot be written because of a bug in hhrecon: a fault"
		if d := s.one(); d.Doubtful || !strings.Contains(d.Note, why) {
			s.Errorf("%+v", d)
		}
		if !s.loud("could not be made") {
			s.Error(s.logged)
		}
		s.mailer.Archive = s.store
		s.now = s.now.Add(time.Hour)
		s.deliver()
		s.settled(1)
	})
	_, _, _, err := new(templateData).render()
	if err == nil || !strings.Contains(err.Error(), "the letter of report 0 cannot be written") {
		t.Error(err)
	}
}
