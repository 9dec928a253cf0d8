package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hhrecon/highhelp"
)

// validate checks keywords, durations, zones and cron expressions. The decoder cannot check these values.
func (s *schedules) validate() []fault {
	v := &validation{s: s}
	if s.Timezone != "" {
		zone, err := time.LoadLocation(s.Timezone)
		v.check(err == nil, "timezone %q is not known: give a name such as Asia/Bishkek", s.Timezone).at("timezone")
		if err == nil {
			s.zone = zone
		}
	}
	ids, names := map[string]bool{}, map[string]bool{}
	for i, p := range s.Projects {
		v.within = []any{"projects", i}
		v.project(p)
		v.check(!ids[strings.ToLower(p.ID)], "project %s is listed twice", p.ID).at("id")
		v.check(p.Name == "" || !names[p.Name], "two projects have the name %q", p.Name).at("name")
		ids[strings.ToLower(p.ID)], names[p.Name] = true, true
	}
	v.within = nil
	_, ok := s.Mail.maxAttachment()
	v.check(ok, "max_attachment %q is not a size: write 15MB", s.Mail.MaxAttachment).at("mail", "max_attachment")
	v.page(s.Page)
	names = map[string]bool{}
	for i, j := range s.Jobs {
		v.within = []any{"jobs", i}
		v.job(j, ids)
		v.check(!names[j.Name], "job %q is listed twice", j.Name).at("name")
		names[j.Name] = true
	}
	return v.faults
}

// validation collects errors. check(ok, text).at(path) adds an error if ok is false.
type validation struct {
	s      *schedules
	within []any // path of the entry that is being checked; the method at takes paths relative to this path
	faults []fault
}

type violation struct {
	v    *validation
	text string // message of the current check's error; "" if there is no error
}

func (v *validation) check(ok bool, format string, args ...any) violation {
	if ok {
		return violation{}
	}
	return violation{v, fmt.Sprintf(format, args...)}
}

func (o violation) at(path ...any) {
	if o.v != nil {
		o.atLine(o.v.s.line(append(o.v.within[:len(o.v.within):len(o.v.within)], path...)...))
	}
}

func (o violation) atLine(line int) {
	if o.v != nil {
		o.v.faults = append(o.v.faults, fault{line, o.text})
	}
}

func (v *validation) project(p ProjectEntry) {
	v.check(highhelp.ValidProjectID(p.ID), "project id %q is not a UUID: copy it from HighHelp's dashboard", p.ID).at("id")
	v.oneOf(p.DifferentAmount, "hold", "accept").at("different_amount")
	v.duration(p.Window, false).at("window")
	v.duration(p.MinAge, true).at("min_age")
	v.duration(p.Grace, true).at("grace")
	v.duration(p.Recheck, true).at("recheck")
	v.retention(p)
	v.personalData(p)
	v.duration(p.AttemptTimeout, false).at("attempt_timeout")
	v.duration(p.PayinTimeout, false).at("payin_timeout")
	v.duration(p.Outage.Pause, false).at("outage", "pause")
	v.duration(p.Outage.GiveUp, true).at("outage", "give_up")
	v.check(p.Outage.Share == nil || *p.Outage.Share > 0 && *p.Outage.Share <= 1,
		"outage.share must be above 0 and at most 1").at("outage", "share")
	v.check(p.Outage.Of == nil || *p.Outage.Of > 0, "outage.of must be at least 1").at("outage", "of")
	v.check(p.Rate == nil || *p.Rate > 0, "rate must be above 0 requests a second").at("rate")
	v.check(p.Concurrency == nil || *p.Concurrency > 0, "concurrency must be at least 1").at("concurrency")
	v.check(p.HTTP == nil || *p.HTTP == highhelp.HTTP1 || *p.HTTP == highhelp.HTTP2,
		"http must be 1 (HTTP/1.1 only) or 2 (HTTP/2 if HighHelp offers it)").at("http")
	v.holdLimits(&p.HoldAbove.HoldLimits, "hold_above")
	for class, limits := range p.HoldAbove.classes() {
		v.holdLimits(limits, "hold_above", class.String())
	}
	v.check(p.HoldAboveSum >= 0,
		"hold_above_sum must be 0 (no limit) or a positive sum in minor units").at("hold_above_sum")
	v.check(p.Approval.Above == nil || *p.Approval.Above > 0,
		"approval.above must be at least 1 minor unit; omit approval to need no second person").at("approval", "above")
	v.statusMap(p)
	v.merchantStatuses(p)
	filled := NewProject(p, "", "")
	v.check(filled.RecheckLimit > 0, "recheck_limit must be above 0").at("recheck_limit")
	v.check(filled.Window > filled.MinAge, "window %s must be longer than min_age %s", filled.Window,
		filled.MinAge).at("window")
	for key, signature := range map[string]SignatureEntry{"signature": p.Signature, "alert_signature": p.AlertSignature} {
		err := signature.Validate()
		v.check(err == nil, "%s: %v", key, err).at(key)
		v.oneOf(signature.Token, "der", "pem").at(key, "token")
	}
	v.nextKey("public_key_file", p.NextAlertKeyFile, p.AlertPublicKeyFile, p.AlertSignature, highhelp.AlgorithmRSA)
	v.nextKey("secret_file", p.NextAlertSecret, p.AlertSecretFile, p.AlertSignature, highhelp.AlgorithmHMAC)
	hmac := p.Signature.Algorithm == highhelp.AlgorithmHMAC
	v.check(!hmac || p.HMACSecretFile != "", "HMAC-SHA512 needs hmac_secret_file").at("signature", "algorithm")
	v.check(!hmac || p.AccessToken != "" || p.PrivateKeyFile != "",
		"HMAC-SHA512 still sends the public key as x-access-token: set access_token or private_key_file").
		at("signature", "algorithm")
}

func (v *validation) holdLimits(l *HoldLimits, path ...any) {
	at := func(key string) []any { return append(path[:len(path):len(path)], key) }
	v.check(l.Count == nil || *l.Count > 0, "count must be at least 1").at(at("count")...)
	v.check(l.Share == nil || *l.Share > 0 && *l.Share <= 1, "share must be above 0 and at most 1").at(at("share")...)
	v.check(l.TimesUsual == nil || *l.TimesUsual >= 1, "times_usual must be at least 1").at(at("times_usual")...)
}

// statusMap accepts only HighHelp's own statuses, because a misspelled status would have no effect.
func (v *validation) statusMap(p ProjectEntry) {
	words := p.StatusMap
	for theirs, ours := range words {
		known := slices.Contains(highhelp.StatusNames(), theirs)
		v.check(known, "status_map: %q is not a status or sub-status of HighHelp: %s", theirs,
			strings.Join(highhelp.StatusNames(), ", ")).at("status_map", theirs)
		v.check(ours != "", "status_map: %s has no value: enter the status that the merchant's table uses for "+
			"it", theirs).at("status_map",
			theirs)
	}
	// Several open statuses may be mapped to the same word of the merchant, but a final status needs a separate word.
	// Otherwise hhrecon could credit customers who did not pay, or close open payins without a query.
	effective := func(theirs string) string {
		if ours, ok := words[theirs]; ok {
			return ours
		}
		return theirs
	}
	open := append([]string{"new", "pending"}, p.OpenStatuses...)
	for _, theirs := range []string{highhelp.StatusProcessing, highhelp.StatusDispute, highhelp.StatusError} {
		open = append(open, theirs, effective(theirs))
	}
	success, decline := highhelp.StatusSuccess, highhelp.StatusDecline
	for _, pair := range [][2]string{{success, decline}, {decline, success}} {
		final, other := pair[0], pair[1]
		ours := effective(final)
		v.check(!slices.Contains(open, ours) && ours != other && ours != effective(other) && !slices.Contains(open, final),
			"status_map: %q is the value of %s and of another status: give the final status its own value", ours,
			final).at("status_map")
		taken := slices.Concat(open, []string{other, effective(other)}, p.FinalStatuses.Of(other))
		for _, word := range p.FinalStatuses.Of(final) {
			v.check(word != "" && !slices.Contains(taken, word), "final_statuses: %q is empty or also stands for an open "+
				"status or for %s: list each final status once, under success or decline", word,
				other).at("final_statuses", final)
		}
	}
}

func (v *validation) job(j JobEntry, projects map[string]bool) {
	v.check(j.Name != "", "the job has no name: add one, such as name: nightly").at()
	_, err := NewCronSchedule(j.Cron, v.s.zone)
	v.check(err == nil, "cron %q is not a cron expression: write five fields such as \"30 2 * * *\" (%s)", j.Cron,
		oneLine(err)).at("cron")
	v.check(j.Do == "reconcile" || j.Do == "report", "do: %q must be reconcile or report", j.Do).at("do")
	v.oneOf(j.Period, "yesterday", "last-week", "last-month").at("period")
	v.check(j.Do != "report" || j.Period != "", "a report needs a period: yesterday, last-week or last-month").at()
	v.check(j.Project == "" || projects[strings.ToLower(j.Project)], "there is no project %s in this file",
		j.Project).at("project")
	_, err = time.Parse(clockTime, j.DoneBy)
	v.check(j.DoneBy == "" || err == nil && len(j.DoneBy) == len(clockTime),
		"done_by %q is not a time of day: write \"06:00\"", j.DoneBy).at("done_by")
	v.check(j.DoneBy == "" || j.Do != "report", "done_by is only for jobs with do: reconcile").at("done_by")
	v.check(!j.Shadow || j.Do != "report", "shadow is only for jobs with do: reconcile").at("shadow")
	for _, e := range j.Email {
		v.email(e)
	}
}

// duration checks a duration. Zero is valid only if the argument zero is true.
func (v *validation) duration(text string, zero bool) violation {
	length, err := time.ParseDuration(text)
	return v.check(text == "" || err == nil && (length > 0 || zero && length == 0),
		"%q is not a duration: write 45s, 15m or 720h", text)
}

func oneLine(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", ": ")
}

func (v *validation) oneOf(word string, words ...string) violation {
	return v.check(word == "" || slices.Contains(words, word), "%q must be %s", word, strings.Join(words, " or "))
}
