package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// frontView is the overview, which is the first page after sign-in.
type frontView struct {
	Items []attentionItem
	Runs  []runRow
}

// attentionItem is a task for a person, with a link to its page.
type attentionItem struct {
	Serious bool
	Text    string
	Address string
	Link    string
}

func (p *page) front(w http.ResponseWriter, r *http.Request) {
	items, err := p.attentionItems(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if userOf(r).Role.May(reconcile.RoleAdmin) {
		for proxy := range p.proxies.Range {
			items = append(items, attentionItem{Text: fmt.Sprintf("%s sends visitors' addresses (X-Forwarded-For), but "+
				"page.proxies in schedules.yaml does not list it. If it is your reverse proxy, add it there. Until then, wrong "+
				"passwords are counted per unverified address.", proxy)})
		}
	}
	runs, err := p.Store.FindRuns(r.Context(), reconcile.RunFilter{NoAlerts: true, Limit: 10})
	if err != nil {
		p.fail(w, r, fmt.Errorf("list runs: %w", err))
		return
	}
	p.render(w, r, http.StatusOK, "front.html", "Overview", frontView{items, reconcile.Map(runs, newRunRow)})
}

// attentionItems lists the tasks that people must do now, the most serious first.
func (p *page) attentionItems(ctx context.Context) ([]attentionItem, error) {
	projects, err := p.projects(ctx)
	if err != nil {
		return nil, err
	}
	w, err := p.waiting(ctx)
	if err != nil {
		return nil, err
	}
	var items []attentionItem
	for _, id := range projects {
		of, err := p.projectAttentionItems(ctx, id, &w)
		if err != nil {
			return nil, err
		}
		items = append(items, of...)
	}
	deliveries, err := p.Store.CountDeliveries(ctx)
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	for _, d := range deliveries {
		if d.State == reconcile.DeliveryGivenUp && d.Count > 0 {
			items = append(items, attentionItem{true, plural(d.Count, "report") + " could not be delivered by mail.",
				"/deliveries?state=given_up", "Show recipients"})
		}
	}
	serious := slices.DeleteFunc(slices.Clone(items), func(n attentionItem) bool { return !n.Serious })
	return append(serious, slices.DeleteFunc(items, func(n attentionItem) bool { return n.Serious })...), nil
}

// waitingItems contains what waits for a person, by project.
type waitingItems struct {
	held      map[string][]reconcile.Run
	proposals map[string][]reconcile.Proposal
	undecided map[string]int64
}

// waiting reads what waits for a person in all projects.
func (p *page) waiting(ctx context.Context) (waitingItems, error) {
	w := waitingItems{held: make(map[string][]reconcile.Run), proposals: make(map[string][]reconcile.Proposal)}
	held, err := p.Store.HeldRuns(ctx, "")
	if err != nil {
		return w, fmt.Errorf("held runs: %w", err)
	}
	for _, h := range held {
		w.held[h.ProjectID] = append(w.held[h.ProjectID], h)
	}
	proposals, err := p.Proposals.Proposals(ctx, "", p.Now())
	if err != nil {
		return w, fmt.Errorf("proposals: %w", err)
	}
	for _, o := range proposals {
		w.proposals[o.ProjectID] = append(w.proposals[o.ProjectID], o)
	}
	if w.undecided, err = p.Store.CountUndecided(ctx); err != nil {
		return w, fmt.Errorf("undecided payins: %w", err)
	}
	return w, nil
}

// projectAttentionItems lists the items of one project: held runs, proposals, undecided payins, interrupted runs, and a
// latest run that is not complete.
func (p *page) projectAttentionItems(ctx context.Context, projectID string,
	w *waitingItems) ([]attentionItem, error) {
	name := p.Settings().projectName(projectID)
	var items []attentionItem
	for _, h := range w.held[projectID] {
		items = append(items, attentionItem{true, fmt.Sprintf("Run %d of %s is held. Release or discard its %s.",
			h.ID, name, plural(h.HoldSize, "correction")), runAddress(h.ID), "Show"})
	}
	for _, o := range w.proposals[projectID] {
		address := runAddress(o.RunID)
		if o.Seq != 0 {
			address = payinAddress(projectID, o.PaymentID)
		}
		items = append(items, attentionItem{false, fmt.Sprintf("%s proposes to %s; another person must approve it.",
			o.Author(), Proposed(&o.Action)), address, "Show"})
	}
	waiting := w.undecided[projectID]
	if waiting > 0 {
		verb := "wait"
		if waiting == 1 {
			verb = "waits"
		}
		items = append(items, attentionItem{false,
			fmt.Sprintf("%s of %s %s for a decision.", plural(waiting, "payin"), name, verb),
			"/waiting?project=" + url.QueryEscape(projectID), "Decide"})
	}
	items = append(items, p.removedItems(projectID, int64(len(w.held[projectID]))+waiting)...)
	latest, err := p.Store.FindRuns(ctx, reconcile.RunFilter{ProjectID: projectID, NoAlerts: true, Limit: 20})
	if err != nil {
		return nil, fmt.Errorf("latest runs of project %s: %w", projectID, err)
	}
	if p.Settings().shadow(projectID) {
		nights := reports.ShadowNights(i18n.English(), reconcile.CleanNightsBefore(time.Time{}, nil, latest))
		text := name + " is in shadow, so its runs write nothing to the merchant's table. " + nights
		items = append(items, attentionItem{Text: text})
	}
	for _, run := range latest { // searches backwards for the latest closed run over all open payins
		switch {
		case run.DryRun:
		case run.State == reconcile.Interrupted:
			items = append(items, attentionItem{true,
				fmt.Sprintf("Run %d of %s was interrupted. The next run of the project continues it.", run.ID, name),
				runAddress(run.ID), "Show"})
		case run.Whole && (run.ResultStatus() == reconcile.ResultPartial || run.ResultStatus() == reconcile.ResultFailed):
			items = append(items, attentionItem{false, fmt.Sprintf("Run %d of %s is %s: %s.", run.ID, name,
				strings.ToLower(string(run.ResultStatus())), i18n.English().Clauses(run.Shortfall())), runAddress(run.ID),
				"Show"})
		}
		if run.Whole && !run.DryRun && !run.ClosedAt.IsZero() {
			break
		}
	}
	return items, nil
}

// removedItems returns an item for a project that is not in the settings, but has held runs or waiting payins.
func (p *page) removedItems(projectID string, waiting int64) []attentionItem {
	if waiting == 0 || p.Settings().has(projectID) {
		return nil
	}
	return []attentionItem{{Serious: true, Text: fmt.Sprintf("Project %s waits for decisions, but is not in the "+
		"settings. If its ID was changed or removed, put it back into schedules.yaml until they are made.", projectID)}}
}

// projects returns the projects of the settings, and projects that only the database contains.
func (p *page) projects(ctx context.Context) ([]string, error) {
	ids, err := p.Store.AuditLogProjects(ctx)
	if err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	for _, project := range p.Settings().Projects {
		if !slices.Contains(ids, project.ID) {
			ids = append(ids, project.ID)
		}
	}
	return ids, nil
}
