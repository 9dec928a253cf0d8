package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// panickingArchive is an archive that panics in Totals.
type panickingArchive struct{ reconcile.Archive }

func (panickingArchive) Totals(context.Context, reconcile.ReportScope) ([]reconcile.Total, error) {
	panic("a fault")
}

// TestReportPanics checks that a report is not sent if writing it panics. The message of the next attempt must not say
// that it may be a duplicate.
func TestReportPanics(t *testing.T) {
	onBoth(t, func(s *fixture) {
		s.runAndPublish()
		s.mailer.Archive = panickingArchive{s.store}
		s.deliver()
		const why = "the workbook of run 1 cannot be written because of a bug in hhrecon: a fault"
		if d := s.one(); d.Doubtful || !strings.Contains(d.Note, why) {
			s.Errorf("%+v", d)
		}
		if !s.loggedError("could not write or send a report") {
			s.Error(s.logged)
		}
		s.mailer.Archive = s.store
		s.now = s.now.Add(time.Hour)
		s.deliver()
		s.checkDelivered(1)
	})
	_, _, _, err := new(templateData).render()
	if err == nil || !strings.Contains(err.Error(), "the message of report 0 cannot be written") {
		t.Error(err)
	}
}
