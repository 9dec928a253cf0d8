package highhelp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNormalise(t *testing.T) {
	for _, tt := range []struct{ name, body, null, want string }{
		{"seed", sampleRequest, "", "general:payment_id:PAYMENT-KGS-123456;general:project_id:" + testProject},
		{"leaves", `{"t":true,"f":false,"n":null,"i":-0,"x":1.50e+2,"s":"a;b:c","e":""}`, "",
			"e:;f:0;i:-0;n:None;s:a;b:c;t:1;x:1.50e+2"},
		{"null empty", `{"n":null,"m":1}`, "empty", "m:1;n:"},
		{"null omit", `{"n":null,"m":1}`, "omit", "m:1"},
		{"null null", `{"n":null,"m":1}`, "null", "m:1;n:null"},
		{"array", `{"a":[{"b":1},"x",[true]]}`, "", "a:0:b:1;a:1:x;a:2:0:1"},
		{"eleven elements sort as text", `{"a":[0,1,2,3,4,5,6,7,8,9,10]}`, "",
			"a:0:0;a:10:10;a:1:1;a:2:2;a:3:3;a:4:4;a:5:5;a:6:6;a:7:7;a:8:8;a:9:9"},
		{"whole lines are sorted, not keys", `{"a":{"z":1},"a!":2}`, "", "a!:2;a:z:1"},
		{"no lines", `{"a":{},"b":[],"c":[{}]}`, "", ""},
		{"escapes", `{"k\u0041":"\u0431\n\"<&>"}`, "", "kA:б\n\"<&>"},
		{"big number as written", `{"a":123456789012345678901234567890.10}`, "", "a:123456789012345678901234567890.10"},
		{"empty key", `{"":{"":1}}`, "", "::1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Normalise([]byte(tt.body), tt.null)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

func TestNormaliseRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "white space": " ", "cut": `{"a":1`, "trailing": `{"a":1} {}`, "trailing word": `{"a":1}x`,
		"array on top": `[1]`, "string on top": `"a"`, "null on top": `null`, "number on top": `7`,
		"duplicate": `{"a":1,"a":1}`, "duplicate below": `{"a":{"b":1,"b":2}}`, "duplicate by escape": `{"a":1,"\u0061":2}`,
		"deep": strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "very deep": strings.Repeat("[", 200000),
		"not UTF-8": "{\"a\":\"\xff\"}", "comma": `{"a":1,}`, "bare word": `{a:1}`, "byte order mark": "\uFEFF{}",
	} {
		if got, err := Normalise([]byte(body), ""); err == nil {
			t.Errorf("%s: got %q and no error", name, got)
		}
	}
	if _, err := Normalise([]byte(`{}`), "nil"); err == nil || !strings.Contains(err.Error(), "None, empty, omit, null") {
		t.Errorf("an invalid value of null: %v", err)
	}
	if _, err := Normalise([]byte(strings.Repeat(`{"a":`, 30)+"1"+strings.Repeat("}", 30)), ""); err != nil {
		t.Errorf("30 deep: %v", err)
	}
}

// TestNormaliseBounds checks the size limit of the normalised text. Without the limit, a body of 64 KiB produced 3 GB,
// because each leaf repeats its whole path.
func TestNormaliseBounds(t *testing.T) {
	deep := strings.Repeat("k", 1000)
	bombs := map[string]string{
		"leaves below a long path": strings.Repeat(`{"`+deep+`":`, 30) + "[" + strings.Repeat("1,", 15_000) + "1]" +
			strings.Repeat("}", 30),
		"no leaves below a long path": `{"` + strings.Repeat(deep, 30) + `":[` + strings.Repeat("{},", 4000) + "{}]}",
		"many members":                `{"a":[` + strings.Repeat("1,", maxMembers) + "1]}",
		"many empty ones":             `{"a":[` + strings.Repeat("[],", maxMembers) + "1]}",
		"a long value":                `{"a":"` + strings.Repeat("x", 300_000) + `"}`,
	}
	for name, body := range bombs {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		text, err := Normalise([]byte(body), "")
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; err == nil || made > 4<<20 {
			t.Errorf("%s: %d bytes of text, %v, %d bytes allocated", name, len(text), err, made)
		}
	}
	if _, err := Normalise([]byte(`{"a":[`+strings.Repeat("1,", 4000)+"1]}"), ""); err != nil {
		t.Errorf("4000 leaves: %v", err)
	}
}

// plainLines is a simple second implementation of the normaliser, for comparison.
func plainLines(path string, value any, null string) []string {
	var lines []string
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			lines = append(lines, plainLines(path+key+":", inner, null)...)
		}
	case []any:
		for i, inner := range value {
			lines = append(lines, plainLines(fmt.Sprintf("%s%d:", path, i), inner, null)...)
		}
	case nil:
		word, ok := map[string]string{"None": "None", "": "None", "empty": "", "null": "null"}[null]
		if ok {
			lines = append(lines, path+word)
		}
	case bool:
		if value {
			return []string{path + "1"}
		}
		return []string{path + "0"}
	default:
		lines = append(lines, fmt.Sprint(path, value))
	}
	return lines
}

func decode(t testing.TB, body []byte) map[string]any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		t.Fatalf("Normalise accepted a body that is not an object: %v", err)
	}
	return tree
}

func checkNormalised(t testing.TB, body []byte, null, got string) {
	t.Helper()
	tree := decode(t, body)
	want := plainLines("", tree, null)
	sort.Strings(want)
	if joined := strings.Join(want, ";"); got != joined {
		t.Fatalf("got  %q\nwant %q", got, joined)
	}
	// The order of members and white space do not affect the text.
	again, err := json.MarshalIndent(tree, " ", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if other, err := Normalise(again, null); err != nil || other != got {
		t.Fatalf("reordered: %q, %v; want %q", other, err, got)
	}
}

func FuzzNormalise(f *testing.F) {
	for _, body := range []string{sampleRequest, sampleAlert, sampleInfo, `{"a":[null,{"b":[]}],"":"\ud800"}`,
		`{"a":1,"a":2}`, `[[`, "{\"\xff\":1}"} {
		f.Add([]byte(body), uint8(0))
	}
	f.Fuzz(func(t *testing.T, body []byte, pick uint8) {
		null := []string{"", NullNone, NullEmpty, NullOmit, NullNull}[pick%5]
		got, err := Normalise(body, null)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatal("accepted a body that is not JSON")
		}
		checkNormalised(t, body, null, got)
	})
}

func TestNormaliseProperties(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		leaves := []*rapid.Generator[any]{
			rapid.String().AsAny(), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.Just(any(nil)),
		}
		if depth > 0 {
			leaves = append(leaves, rapid.MapOfN(rapid.String(), value(depth-1), 0, 5).AsAny(),
				rapid.SliceOfN(value(depth-1), 0, 12).AsAny())
		}
		return rapid.OneOf(leaves...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		tree := rapid.MapOfN(rapid.String(), value(3), 0, 6).Draw(rt, "tree")
		null := rapid.SampledFrom([]string{"", NullNone, NullEmpty, NullOmit, NullNull}).Draw(rt, "null")
		body := shuffled(tree)
		got, err := Normalise(body, null)
		if err != nil {
			rt.Fatalf("%s: %v", body, err)
		}
		checkNormalised(t, body, null, got)
	})
}

// shuffled returns a value as JSON with the keys of each object in random order.
func shuffled(value any) []byte {
	var b bytes.Buffer
	switch value := value.(type) {
	case map[string]any:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		b.WriteByte('{')
		for i, key := range keys {
			if i > 0 {
				b.WriteString(" , ")
			}
			b.Write(marshal(key))
			b.WriteByte(':')
			b.Write(shuffled(value[key]))
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, inner := range value {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(shuffled(inner))
		}
		b.WriteByte(']')
	default:
		b.Write(marshal(value))
	}
	return b.Bytes()
}

func BenchmarkNormalise(b *testing.B) {
	body := []byte(sampleAlert)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := Normalise(body, ""); err != nil {
			b.Fatal(err)
		}
	}
}
