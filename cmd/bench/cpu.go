package main

import (
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// stagesOfCPU lists the stages of a run with their functions. A stack of the profile belongs to the first stage that
// has a function on the stack. An entry matches all functions whose names begin with the entry.
var stagesOfCPU = []struct {
	stage     string
	functions []string
}{
	{"runtime", []string{
		"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge",
		"runtime.gcStart", "runtime.gcMarkDone",
	}},
	{"other", []string{"runtime/pprof."}},
	{"workbook", []string{"hhrecon/reports"}},
	{"sign", []string{
		"hhrecon/highhelp.Signing.", "hhrecon/highhelp.(*Signing).", "hhrecon/highhelp.Variant.",
		"hhrecon/highhelp.Normalise", "crypto/rsa.Sign", "crypto/rsa.(*PrivateKey).Sign",
	}},
	{"judge", []string{"hhrecon/reconcile.Judge"}},
	{"settle", []string{
		"hhrecon/sql.(*runStore).Settle", "hhrecon/reconcile/run.(*Engine).settle",
		"hhrecon/sql.(*runStore).Summarise", "hhrecon/sql.(*runStore).CloseRun",
	}},
	{"keep", []string{"hhrecon/sql.(*runStore).SaveVerdicts", "hhrecon/reconcile/run.(*Engine).saveVerdicts"}},
	{"select", []string{
		"hhrecon/sql.(*runStore).OpenRun", "hhrecon/sql.(*runStore).UnjudgedPayins",
		"hhrecon/reconcile/run.(*Engine).readOpen",
	}},
	{"ask", []string{"hhrecon/highhelp.", "hhrecon/reconcile/run.(*Engine).query", "net/http."}},
}

// cpuStages lists the stages in the order of the output.
var cpuStages = []string{"select", "sign", "ask", "judge", "keep", "settle", "workbook", "runtime", "other"}

// cpuOf returns the CPU time of each stage in a profile. A stack without a stage counts as "runtime" if it has only
// functions of Go's runtime, and otherwise as "other".
func cpuOf(p *profile.Profile) map[string]time.Duration {
	at := len(p.SampleType) - 1 // the last sample type is the CPU time in nanoseconds
	used := map[string]time.Duration{}
	for _, s := range p.Sample {
		used[stageOfStack(s)] += time.Duration(s.Value[at])
	}
	return used
}

func stageOfStack(s *profile.Sample) string {
	best, bare := len(stagesOfCPU), true
	for _, location := range s.Location {
		for _, line := range location.Line {
			name := line.Function.Name
			bare = bare && (strings.HasPrefix(name, "runtime.") || strings.HasPrefix(name, "internal/runtime/"))
			for i := range best {
				if begins(name, stagesOfCPU[i].functions) {
					best = i
					break
				}
			}
		}
	}
	switch {
	case best < len(stagesOfCPU):
		return stagesOfCPU[best].stage
	case bare:
		return "runtime"
	}
	return "other"
}

func begins(name string, with []string) bool {
	for _, w := range with {
		if strings.HasPrefix(name, w) {
			return true
		}
	}
	return false
}

// cpu returns the CPU time of each stage for one payin. The times of the profile are scaled so that their sum is the
// CPU time that the kernel reports.
func (r *benchRun) cpu(payins int64) []benchStage {
	used, total := cpuOf(r.profile), time.Duration(0)
	for _, d := range used {
		total += d
	}
	scale := 1.0
	if r.used == 0 {
		r.used = total
	}
	if total > 0 {
		scale = float64(r.used) / float64(total)
	}
	stages := make([]benchStage, len(cpuStages))
	for i, name := range cpuStages {
		seconds := used[name].Seconds() * scale
		stages[i] = benchStage{Stage: name, Seconds: seconds, MicrosPerPayin: seconds * 1e6 / float64(payins)}
	}
	return stages
}
