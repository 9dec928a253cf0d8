package reports

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// some gives findings from one place to another.
func some(s *shelf, from, to int) iter.Seq2[reconcile.Finding, error] {
	part := *s
	part.findings = s.findings[from:to]
	return part.Findings(context.Background(), reconcile.Scope{})
}

// TestDraftIsTheWorkbook: a workbook that was written while its run went on has the bytes of one that was written
// afterwards, whatever the run came to.
func TestDraftIsTheWorkbook(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*shelf)
		maxRows int
	}{
		"complete":         {func(*shelf) {}, excelize.TotalRows},
		"in pieces":        {func(*shelf) {}, 4},
		"held":             {func(s *shelf) { s.run.State = reconcile.Held; s.all(reconcile.CorrectionHeld) }, excelize.TotalRows},
		"all superseded":   {func(s *shelf) { s.all(reconcile.CorrectionSuperseded) }, 5},
		"none superseded":  {func(s *shelf) { s.all(reconcile.CorrectionApplied) }, 5},
		"without findings": {func(s *shelf) { s.findings, s.run.Selected, s.run.Weight.Answered = nil, 0, 0 }, excelize.TotalRows},
		"since last night": {func(s *shelf) { s.before = &reconcile.Run{ID: 6, StartedAt: at(night).AddDate(0, 0, -1)} }, excelize.TotalRows},
	} {
		t.Run(name, func(t *testing.T) {
			s, o := everything(), bishkek()
			c.change(s)
			closed := s.run
			var want, got bytes.Buffer
			if _, err := writeWorkbook(t.Context(), &want, s, one(s), o, trial{maxRows: c.maxRows}); err != nil {
				t.Fatal(err)
			}

			now := o.Now
			o.Now = now.Add(-1)
			s.run.State, s.run.ClosedAt, s.run.Weight, s.run.Note = reconcile.Running, at("0001-01-01T00:00:00Z"), reconcile.Weight{}, ""
			d, err := beginDraft(t.Context(), s, s.run.ID, o, c.maxRows)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Discard()
			half := len(s.findings) / 2
			for _, piece := range [...]iter.Seq2[reconcile.Finding, error]{some(s, 0, half), some(s, half, len(s.findings))} {
				if err := d.Add(t.Context(), piece); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := d.Finish(t.Context(), &got, now); err == nil || got.Len() > 0 {
				t.Errorf("the run is not closed: %d bytes, %v", got.Len(), err)
			}
			s.run = closed
			if _, err := d.Finish(t.Context(), &got, now); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%d bytes, and others than the workbook's %d", got.Len(), want.Len())
			}
		})
	}
}

// all gives every correction the same fate.
func (s *shelf) all(c reconcile.Correction) {
	for i := range s.findings {
		if s.findings[i].Correction != reconcile.CorrectionNone {
			s.findings[i].Correction = c
		}
	}
}

// TestDraftThatIsOdd: a draft that lacks a finding, or has a mark that was made anew, delivers nothing.
func TestDraftThatIsOdd(t *testing.T) {
	s := everything()
	f := &s.findings[6]
	sent := reconcile.SupportMark{ProjectID: f.ProjectID, PaymentID: f.PaymentID, Word: f.SupportWord(), State: reconcile.SupportSent}
	settled := sent
	settled.State = reconcile.SupportSettled
	for _, c := range []struct {
		name    string
		missing int
		mark    reconcile.SupportMark // when the draft is finished
		want    func(error) bool
	}{
		{"nothing", 0, sent, func(err error) bool { return err == nil }},
		{"a finding is missing", 1, sent, func(err error) bool { var untied *UntiedError; return errors.As(err, &untied) }},
		{"marked anew", 0, settled, func(err error) bool { return errors.Is(err, ErrMarked) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := bishkek()
			marks := &marked{sent}
			o.Support = marks
			d, err := BeginWorkbook(t.Context(), s, s.run.ID, o)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Discard()
			if err := d.Add(t.Context(), some(s, 0, len(s.findings)-c.missing)); err != nil {
				t.Fatal(err)
			}
			marks.SupportMark = c.mark
			var out bytes.Buffer
			_, err = d.Finish(t.Context(), &out, o.Now)
			if !c.want(err) || (out.Len() > 0) != (err == nil) {
				t.Errorf("%d bytes, %v", out.Len(), err)
			}
		})
	}
}
