package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// frontView is the first page.
type frontView struct {
	Items []attentionItem
	Runs  []runRow
}

// attentionItem is one thing that items a person.
type attentionItem struct {
	Grave   bool
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
			items = append(items, attentionItem{Text: fmt.Sprintf("Visitors' addresses come from %s, which page.proxies in "+
				"schedules.yaml does not list. If it is your reverse proxy, list it: until then, wrong passwords are counted "+
				"by what it says.", proxy)})
		}
	}
	runs, err := p.Store.FindRuns(r.Context(), reconcile.RunFilter{NoAlerts: true, Limit: 10})
	if err != nil {
		p.fail(w, r, fmt.Errorf("list runs: %w", err))
		return
	}
	p.render(w, r, http.StatusOK, "front.html", "Overview", frontView{items, runRows(runs)})
}

// attentionItems lists what items a person now, the most serious first.
func (p *page) attentionItems(ctx context.Context) ([]attentionItem, error) {
	projects, err := p.projects(ctx)
	if err != nil {
		return nil, err
	}
	var items []attentionItem
	for _, id := range projects {
		of, err := p.projectAttentionItems(ctx, id)
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
				"/deliveries?state=given_up", "See to whom"})
		}
	}
	grave := slices.DeleteFunc(slices.Clone(items), func(n attentionItem) bool { return !n.Grave })
	return append(grave, slices.DeleteFunc(items, func(n attentionItem) bool { return n.Grave })...), nil
}

// projectAttentionItems lists those of one project: held runs, proposals, undecided payins, and a latest run that is
// not complete.
func (p *page) projectAttentionItems(ctx context.Context, projectID string) ([]attentionItem, error) {
	name := p.Settings().projectName(projectID)
	var items []attentionItem
	held, err := p.Store.HeldRuns(ctx, projectID)
	if err != nil {
		return nil, fmt.Errorf("held runs of project %s: %w", projectID, err)
	}
	for _, h := range held {
		items = append(items, attentionItem{true, fmt.Sprintf("Run %d of %s is held: %s wait to be released or discarded.",
			h.ID, name, plural(h.HoldSize, "correction")), runAddress(h.ID), "Look at it"})
	}
	proposals, err := p.Proposals.Proposals(ctx, projectID, p.Now())
	if err != nil {
		return nil, fmt.Errorf("proposals of project %s: %w", projectID, err)
	}
	for _, o := range proposals {
		address := runAddress(o.RunID)
		if o.Seq != 0 {
			address = payinAddress(projectID, o.PaymentID)
		}
		items = append(items, attentionItem{false, fmt.Sprintf("%s proposes to %s; another person must approve it.",
			o.Author(), Proposed(&o.Action)), address, "Look at it"})
	}
	waiting, err := p.Store.CountUndecided(ctx, projectID)
	if err != nil {
		return nil, fmt.Errorf("waiting payins of project %s: %w", projectID, err)
	}
	if waiting > 0 {
		verb := "wait"
		if waiting == 1 {
			verb = "waits"
		}
		items = append(items, attentionItem{false,
			fmt.Sprintf("%s of %s %s for a decision.", plural(waiting, "payin"), name, verb),
			"/waiting?project=" + url.QueryEscape(projectID), "Decide"})
	}
	latest, err := p.Store.FindRuns(ctx, reconcile.RunFilter{ProjectID: projectID, NoAlerts: true, Limit: 20})
	if err != nil {
		return nil, fmt.Errorf("latest runs of project %s: %w", projectID, err)
	}
	for _, run := range latest { // down to the last whole one that is closed
		switch {
		case run.DryRun:
		case run.State == reconcile.Interrupted:
			items = append(items, attentionItem{true,
				fmt.Sprintf("Run %d of %s broke off; the next run goes on with it.", run.ID, name),
				runAddress(run.ID), "Look at it"})
		case run.Whole && (run.ResultStatus() == reconcile.ResultPartial || run.ResultStatus() == reconcile.ResultFailed):
			items = append(items, attentionItem{false, fmt.Sprintf("Run %d of %s is %s: %s.", run.ID, name,
				strings.ToLower(string(run.ResultStatus())), i18n.English().Clauses(run.Shortfall())), runAddress(run.ID),
				"Look at it"})
		}
		if run.Whole && !run.DryRun && !run.ClosedAt.IsZero() {
			break
		}
	}
	return items, nil
}

// projects are those of the settings, and those that only the database knows.
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
