package workbook

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

func findingSchema(t *testing.T) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(reports.FindingSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("finding.schema.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("finding.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema, text.(map[string]any)["properties"].(map[string]any)
}

// TestFindingSchema checks that every line of a report matches the published schema, and that the schema contains every
// member of a line and every outcome.
func TestFindingSchema(t *testing.T) {
	schema, properties := findingSchema(t)
	s := everything()
	var out bytes.Buffer
	if err := reports.WriteJSON(context.Background(), &out, s, one(s), bishkek()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var members []string
	for _, line := range lines {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
		members = slices.Sorted(maps.Keys(value.(map[string]any)))
		delete(value.(map[string]any), "correction")
		if schema.Validate(value) == nil {
			t.Error("a line without a correction matches the schema")
		}
	}
	if d := cmp.Diff(members, slices.Sorted(maps.Keys(properties))); d != "" {
		t.Error(d)
	}
	var outcomes []reconcile.Outcome
	for _, word := range properties["outcome"].(map[string]any)["enum"].([]any) {
		outcomes = append(outcomes, reconcile.Outcome(word.(string)))
	}
	if d := cmp.Diff(reconcile.Outcomes, outcomes); d != "" {
		t.Error(d)
	}
	if !json.Valid(reports.FindingSchema) || len(lines) < len(reconcile.Outcomes) {
		t.Errorf("%d lines", len(lines))
	}
}
