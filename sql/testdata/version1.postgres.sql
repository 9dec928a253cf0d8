SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.hhrecon_anchor_moves() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op = 'INSERT' then
    if new.chain_seq = 0 and new.hash = '' then
      return new;
    end if;
  elsif tg_op = 'UPDATE' then
    if new.project_id = old.project_id and (
      new.chain_seq = old.chain_seq and new.hash = old.hash
      or new.chain_seq > old.chain_seq and exists (
        select 1 from hhrecon_finding as f
        where f.project_id = new.project_id and f.chain_seq = new.chain_seq and f.hash = new.hash
        union all
        select 1 from hhrecon_action as a
        where a.project_id = new.project_id and a.chain_seq = new.chain_seq and a.hash = new.hash
      )
    ) then
      return new;
    end if;
  end if;
  raise exception 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash';
end
$$;
CREATE FUNCTION public.hhrecon_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% is an audit trail: its rows are never changed and never deleted', tg_table_name;
end
$$;
CREATE FUNCTION public.hhrecon_keep_row() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op = 'DELETE' and exists (
    select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq
  ) then
    return old;
  end if;
  raise exception '% is an audit trail: its rows are never changed and never deleted', tg_argv[0];
end
$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.hhrecon_action (
    project_id text NOT NULL,
    chain_seq bigint NOT NULL,
    kind text NOT NULL,
    run_id bigint NOT NULL,
    seq bigint NOT NULL,
    payment_id text NOT NULL,
    currency text NOT NULL,
    status_before text,
    sub_status_before text,
    settled_amount_before bigint,
    updated_at_before timestamp with time zone,
    status_after text,
    sub_status_after text,
    settled_amount_after bigint,
    updated_at_after timestamp with time zone,
    result text NOT NULL,
    reason text NOT NULL,
    who text NOT NULL,
    note text NOT NULL,
    acted_at timestamp with time zone NOT NULL,
    hash text NOT NULL,
    CONSTRAINT hhrecon_action_kind_check CHECK ((kind = ANY (ARRAY['release'::text, 'discard'::text, 'undo'::text, 'decide'::text]))),
    CONSTRAINT hhrecon_action_result_check CHECK ((result = ANY (ARRAY['none'::text, 'applied'::text, 'superseded'::text, 'refused'::text])))
);
COMMENT ON TABLE public.hhrecon_action IS 'What people did to runs and payins. Never changed once written.';
COMMENT ON COLUMN public.hhrecon_action.chain_seq IS 'place in the project''s audit trail, from 1, without gaps; the trail has findings and actions';
COMMENT ON COLUMN public.hhrecon_action.kind IS 'release: wrote a correction of a held run; discard: dropped them; undo: put back what a run wrote; decide: settled a payin that waited for a person';
COMMENT ON COLUMN public.hhrecon_action.seq IS 'of the finding that it rests on; 0: about the whole run';
COMMENT ON COLUMN public.hhrecon_action.status_before IS 'the merchant''s row as it was to be found, as all columns of that end; null: about the whole run';
COMMENT ON COLUMN public.hhrecon_action.settled_amount_before IS 'minor units';
COMMENT ON COLUMN public.hhrecon_action.status_after IS 'the merchant''s row as it should be; result says whether it is';
COMMENT ON COLUMN public.hhrecon_action.settled_amount_after IS 'minor units';
COMMENT ON COLUMN public.hhrecon_action.updated_at_after IS 'as the row has it once it was written; null where it was not';
COMMENT ON COLUMN public.hhrecon_action.result IS 'applied; superseded: the row was not as it was to be found, and left alone; refused: the merchant''s table would not take it; none: nothing to change';
COMMENT ON COLUMN public.hhrecon_action.reason IS 'why the row was left alone, in one sentence';
COMMENT ON COLUMN public.hhrecon_action.hash IS 'SHA-256, in hexadecimal, over the hash of the entry before and all columns';
CREATE TABLE public.hhrecon_alert (
    id bigint NOT NULL,
    project_id text NOT NULL,
    payment_id text NOT NULL,
    status text NOT NULL,
    sub_status text NOT NULL,
    alert_key text NOT NULL,
    version text NOT NULL,
    body bytea NOT NULL,
    sent_timestamp text NOT NULL,
    signature text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    run_id bigint,
    note text NOT NULL,
    repeats bigint DEFAULT 0 NOT NULL,
    saved_by text NOT NULL,
    repeated_by text DEFAULT ''::text NOT NULL,
    CONSTRAINT hhrecon_alert_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'no_payin'::text, 'unreadable'::text])))
);
COMMENT ON TABLE public.hhrecon_alert IS 'HighHelp''s messages as they were received and proved. They change no row by themselves: they have their payins asked about.';
COMMENT ON COLUMN public.hhrecon_alert.payment_id IS 'empty where the alert is unreadable';
COMMENT ON COLUMN public.hhrecon_alert.alert_key IS 'HighHelp''s own key of duplicates; it has no amount';
COMMENT ON COLUMN public.hhrecon_alert.version IS 'tells versions under one key apart: a digest of payment_info, or of all';
COMMENT ON COLUMN public.hhrecon_alert.body IS 'as received, to the byte';
COMMENT ON COLUMN public.hhrecon_alert.sent_timestamp IS 'the header that the signature covers';
COMMENT ON COLUMN public.hhrecon_alert.state IS 'waiting: its payin is to be asked about; done: a run has; no_payin: the merchant''s table has none of its id; unreadable: rightly signed, but not about a payin in a known form';
COMMENT ON COLUMN public.hhrecon_alert.run_id IS 'that asked about its payin; null before';
COMMENT ON COLUMN public.hhrecon_alert.repeats IS 'exact duplicates that came after it';
COMMENT ON COLUMN public.hhrecon_alert.saved_by IS 'the saving that wrote it, so that one that is tried again is no repetition';
COMMENT ON COLUMN public.hhrecon_alert.repeated_by IS 'the saving that counted the last repetition';
ALTER TABLE public.hhrecon_alert ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hhrecon_alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.hhrecon_anchor (
    project_id text NOT NULL,
    chain_seq bigint DEFAULT 0 NOT NULL,
    hash text DEFAULT ''::text NOT NULL,
    goal bigint DEFAULT 0 NOT NULL,
    runs bigint DEFAULT 0 NOT NULL,
    until timestamp with time zone,
    retention text DEFAULT ''::text NOT NULL,
    thinned_at timestamp with time zone,
    CONSTRAINT hhrecon_anchor_check CHECK ((goal >= chain_seq))
);
COMMENT ON TABLE public.hhrecon_anchor IS 'Up to where each project''s audit trail was taken out by age.';
COMMENT ON COLUMN public.hhrecon_anchor.chain_seq IS 'of the last entry that was taken out';
COMMENT ON COLUMN public.hhrecon_anchor.hash IS 'of that entry: the next one''s hash rests on it';
COMMENT ON COLUMN public.hhrecon_anchor.goal IS 'up to where the present thinning goes; one that broke off goes on';
COMMENT ON COLUMN public.hhrecon_anchor.runs IS 'how many runs were taken out in all';
COMMENT ON COLUMN public.hhrecon_anchor.until IS 'when the latest of them started';
COMMENT ON COLUMN public.hhrecon_anchor.retention IS 'the setting that they were too old for';
COMMENT ON COLUMN public.hhrecon_anchor.thinned_at IS 'when that was';
CREATE TABLE public.hhrecon_batch (
    run_id bigint NOT NULL,
    number bigint NOT NULL,
    after_seq bigint NOT NULL,
    to_seq bigint NOT NULL,
    state text NOT NULL,
    worker text DEFAULT ''::text NOT NULL,
    claim text DEFAULT ''::text NOT NULL,
    attempt bigint DEFAULT 0 NOT NULL,
    job_id bigint,
    beat_at timestamp with time zone NOT NULL,
    CONSTRAINT hhrecon_batch_state_check CHECK ((state = ANY (ARRAY['later'::text, 'queued'::text, 'working'::text, 'done'::text])))
)
WITH (fillfactor='50');
COMMENT ON TABLE public.hhrecon_batch IS 'The batches of runs that are queued for any number of workers; hhrecon''s own record of them, River''s jobs only say that there is work.';
COMMENT ON COLUMN public.hhrecon_batch.number IS 'from 1; 0 is the run''s end';
COMMENT ON COLUMN public.hhrecon_batch.after_seq IS 'the batch has the selection''s payins after this place …';
COMMENT ON COLUMN public.hhrecon_batch.to_seq IS '… up to and with this one';
COMMENT ON COLUMN public.hhrecon_batch.state IS 'later: not before all others are done; queued; working; done';
COMMENT ON COLUMN public.hhrecon_batch.worker IS 'host and process that works on it, or that ended it';
COMMENT ON COLUMN public.hhrecon_batch.claim IS 'unlike that of any other claim, ever: who has it may beat and end the batch';
COMMENT ON COLUMN public.hhrecon_batch.attempt IS 'how often it was claimed; given back by a worker that was stopped, it does not count';
COMMENT ON COLUMN public.hhrecon_batch.job_id IS 'its last job in River''s table';
COMMENT ON COLUMN public.hhrecon_batch.beat_at IS 'the worker''s last sign of life, or when it was queued, by the database''s clock';
CREATE TABLE public.hhrecon_chain (
    project_id text NOT NULL,
    chain_seq bigint NOT NULL,
    hash text NOT NULL
);
COMMENT ON TABLE public.hhrecon_chain IS 'The end of each project''s audit trail.';
COMMENT ON COLUMN public.hhrecon_chain.chain_seq IS 'of the last entry, which is a finding or an action';
COMMENT ON COLUMN public.hhrecon_chain.hash IS 'of the last entry';
CREATE TABLE public.hhrecon_delivery (
    id bigint NOT NULL,
    report_id bigint NOT NULL,
    address text NOT NULL,
    folded text NOT NULL,
    language text NOT NULL,
    message_id text NOT NULL,
    state text NOT NULL,
    tries bigint DEFAULT 0 NOT NULL,
    next_at timestamp with time zone NOT NULL,
    doubtful boolean DEFAULT false NOT NULL,
    again_by text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    owner_token text DEFAULT ''::text NOT NULL,
    owner_host text DEFAULT ''::text NOT NULL,
    owner_pid bigint DEFAULT 0 NOT NULL,
    owner_process text DEFAULT ''::text NOT NULL,
    claimed_at timestamp with time zone,
    beat_at timestamp with time zone,
    CONSTRAINT hhrecon_delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sending'::text, 'sent'::text, 'given_up'::text])))
);
COMMENT ON TABLE public.hhrecon_delivery IS 'One report''s way to one recipient.';
COMMENT ON COLUMN public.hhrecon_delivery.folded IS 'the address in lower case';
COMMENT ON COLUMN public.hhrecon_delivery.language IS 'en, ru or ky; empty is en';
COMMENT ON COLUMN public.hhrecon_delivery.message_id IS 'the same for every try, so that readers can tell a repetition';
COMMENT ON COLUMN public.hhrecon_delivery.state IS 'waiting; sending: a process tries just now; sent: the mail server took it; given_up';
COMMENT ON COLUMN public.hhrecon_delivery.tries IS 'begun, the present one among them; with owner_token the right to end it';
COMMENT ON COLUMN public.hhrecon_delivery.next_at IS 'when a waiting one is to be tried';
COMMENT ON COLUMN public.hhrecon_delivery.doubtful IS 'an earlier try may have arrived';
COMMENT ON COLUMN public.hhrecon_delivery.again_by IS 'who had it sent again by hand; empty otherwise';
COMMENT ON COLUMN public.hhrecon_delivery.note IS 'why the last try failed';
COMMENT ON COLUMN public.hhrecon_delivery.made_at IS 'when it was noted, or last wanted again by hand';
COMMENT ON COLUMN public.hhrecon_delivery.owner_token IS 'the process that tried last';
COMMENT ON COLUMN public.hhrecon_delivery.claimed_at IS 'when the last try began, by the database''s clock';
COMMENT ON COLUMN public.hhrecon_delivery.beat_at IS 'the last sign of life of who tries, by the database''s clock';
ALTER TABLE public.hhrecon_delivery ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hhrecon_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.hhrecon_due (
    job text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    owner_token text NOT NULL,
    owner_host text NOT NULL,
    owner_pid bigint NOT NULL,
    owner_process text NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT hhrecon_due_state_check CHECK ((state = ANY (ARRAY['claimed'::text, 'done'::text, 'failed'::text, 'skipped'::text])))
);
COMMENT ON TABLE public.hhrecon_due IS 'The due times of the jobs. The row decides who carries one out, and that it is carried out once.';
COMMENT ON COLUMN public.hhrecon_due.state IS 'claimed: its owner works on it; done; failed: the note says why, and it is not tried again; skipped: nobody carried it out';
COMMENT ON COLUMN public.hhrecon_due.owner_token IS 'the process that may end it';
COMMENT ON COLUMN public.hhrecon_due.owner_process IS 'tells the process from a later one with the same host and pid';
COMMENT ON COLUMN public.hhrecon_due.beat_at IS 'the owner''s last sign of life, by the database''s clock';
CREATE TABLE public.hhrecon_finding (
    run_id bigint NOT NULL,
    seq bigint NOT NULL,
    project_id text NOT NULL,
    payment_id text NOT NULL,
    outcome text NOT NULL,
    causes text NOT NULL,
    merchant_amount bigint NOT NULL,
    initial_amount bigint,
    old_amount bigint,
    amount bigint,
    currency text NOT NULL,
    status_before text NOT NULL,
    sub_status_before text,
    settled_amount_before bigint,
    lifetime bigint,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    provider_status text,
    provider_sub_status text,
    request_id text,
    expires_at timestamp with time zone,
    status_after text NOT NULL,
    sub_status_after text,
    settled_amount_after bigint,
    correction text NOT NULL,
    corrected_at timestamp with time zone,
    harmful boolean NOT NULL,
    result text NOT NULL,
    answer text,
    reason text NOT NULL,
    checked_at timestamp with time zone,
    chain_seq bigint NOT NULL,
    hash text NOT NULL,
    CONSTRAINT hhrecon_finding_correction_check CHECK ((correction = ANY (ARRAY['none'::text, 'applied'::text, 'superseded'::text, 'dry_run'::text, 'held'::text, 'refused'::text])))
);
COMMENT ON TABLE public.hhrecon_finding IS 'One payin''s outcome in one run, with its evidence. Never changed once written.';
COMMENT ON COLUMN public.hhrecon_finding.seq IS 'place in the run, from 1: those that were not asked about last time first, then by created_at';
COMMENT ON COLUMN public.hhrecon_finding.outcome IS 'confirmed, different_amount, timeout, disputed, declined, rejected, pending, reversed, not_found, unverifiable or unreachable';
COMMENT ON COLUMN public.hhrecon_finding.causes IS 'why it was flagged, joined with commas; empty for no cause';
COMMENT ON COLUMN public.hhrecon_finding.merchant_amount IS 'M: the merchant''s row, in minor units';
COMMENT ON COLUMN public.hhrecon_finding.initial_amount IS 'I: what creation asked for, in minor units';
COMMENT ON COLUMN public.hhrecon_finding.old_amount IS 'O: before an appeal, in minor units';
COMMENT ON COLUMN public.hhrecon_finding.amount IS 'A: what the customer really paid, as far as HighHelp knows, in minor units';
COMMENT ON COLUMN public.hhrecon_finding.currency IS 'ISO 4217';
COMMENT ON COLUMN public.hhrecon_finding.status_before IS 'the merchant''s row as it was read, as all columns of that end, and lifetime, created_at, updated_at';
COMMENT ON COLUMN public.hhrecon_finding.lifetime IS 'seconds';
COMMENT ON COLUMN public.hhrecon_finding.provider_status IS 'HighHelp''s; null where there was no answer that can be trusted';
COMMENT ON COLUMN public.hhrecon_finding.expires_at IS 'expiration_date, as HighHelp gave it';
COMMENT ON COLUMN public.hhrecon_finding.status_after IS 'the merchant''s row as it should be; correction says whether it is';
COMMENT ON COLUMN public.hhrecon_finding.settled_amount_after IS 'minor units';
COMMENT ON COLUMN public.hhrecon_finding.correction IS 'none: nothing to change; applied; superseded: the row had changed since; dry_run; held; refused: the merchant''s table would not take it';
COMMENT ON COLUMN public.hhrecon_finding.corrected_at IS 'when the correction was written: updated_at as the row has it then';
COMMENT ON COLUMN public.hhrecon_finding.harmful IS 'a correction into decline, error or dispute';
COMMENT ON COLUMN public.hhrecon_finding.result IS 'what came of asking: answered, not_found, refused, unreachable or not_asked';
COMMENT ON COLUMN public.hhrecon_finding.answer IS 'HighHelp''s, as received';
COMMENT ON COLUMN public.hhrecon_finding.reason IS 'one sentence';
COMMENT ON COLUMN public.hhrecon_finding.checked_at IS 'when the answer, or the last failure, came';
COMMENT ON COLUMN public.hhrecon_finding.chain_seq IS 'place in the project''s audit trail, from 1, without gaps';
COMMENT ON COLUMN public.hhrecon_finding.hash IS 'SHA-256, in hexadecimal, over the hash of the entry before and all columns';
CREATE TABLE public.hhrecon_rate (
    project_id text NOT NULL,
    next_at timestamp with time zone NOT NULL
)
WITH (fillfactor='10');
COMMENT ON TABLE public.hhrecon_rate IS 'The rate of each project, shared by all workers.';
COMMENT ON COLUMN public.hhrecon_rate.next_at IS 'the first moment that is not reserved for a request, by the database''s clock';
CREATE TABLE public.hhrecon_report (
    id bigint NOT NULL,
    base_id bigint NOT NULL,
    edition bigint NOT NULL,
    run_id bigint,
    project_id text NOT NULL,
    window_from timestamp with time zone,
    window_to timestamp with time zone,
    job text NOT NULL,
    made_by text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT hhrecon_report_check CHECK (((edition = 0) = (base_id = id))),
    CONSTRAINT hhrecon_report_check1 CHECK ((((run_id IS NULL) = (window_from IS NOT NULL)) AND ((run_id IS NULL) = (window_to IS NOT NULL))))
);
COMMENT ON TABLE public.hhrecon_report IS 'What people are sent, in one edition. Never changed once written.';
COMMENT ON COLUMN public.hhrecon_report.base_id IS 'the report that it corrects; its own id where edition is 0';
COMMENT ON COLUMN public.hhrecon_report.edition IS '0: the report itself; n: correction n, which has the differences only';
COMMENT ON COLUMN public.hhrecon_report.run_id IS 'the run that it is about; null for a period';
COMMENT ON COLUMN public.hhrecon_report.project_id IS 'empty for all projects';
COMMENT ON COLUMN public.hhrecon_report.window_from IS 'of a period: runs that started at or after this …';
COMMENT ON COLUMN public.hhrecon_report.window_to IS '… and before this; the year 9999 for no end';
COMMENT ON COLUMN public.hhrecon_report.job IS 'of schedules.yaml, whose period it is; empty otherwise';
COMMENT ON COLUMN public.hhrecon_report.made_by IS 'who had a report sent by hand of a run that had none; empty otherwise. No correction is made to it';
ALTER TABLE public.hhrecon_report ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.hhrecon_report_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.hhrecon_report_late (
    report_id bigint NOT NULL,
    run_id bigint NOT NULL,
    seq bigint NOT NULL
);
COMMENT ON TABLE public.hhrecon_report_late IS 'What a correction to a period says by the word of runs after the period: findings that contradict what its readers were told. Never changed once written; the findings may have been taken out by age.';
CREATE TABLE public.hhrecon_report_run (
    report_id bigint NOT NULL,
    run_id bigint NOT NULL
);
COMMENT ON TABLE public.hhrecon_report_run IS 'Which runs an edition covers: what they say its readers have been told.';
CREATE TABLE public.hhrecon_run (
    id bigint NOT NULL,
    project_id text NOT NULL,
    state text NOT NULL,
    dry_run boolean NOT NULL,
    whole boolean NOT NULL,
    window_from timestamp with time zone NOT NULL,
    window_to timestamp with time zone NOT NULL,
    rules text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    owner_token text NOT NULL,
    owner_host text NOT NULL,
    owner_pid bigint NOT NULL,
    owner_process text NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    selected bigint DEFAULT 0 NOT NULL,
    unresolved bigint DEFAULT 0 NOT NULL,
    answered bigint DEFAULT 0 NOT NULL,
    open bigint DEFAULT 0 NOT NULL,
    changes bigint DEFAULT 0 NOT NULL,
    harmful bigint DEFAULT 0 NOT NULL,
    harmful_sum bigint DEFAULT 0 NOT NULL,
    decision text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    broken text DEFAULT ''::text NOT NULL,
    origin text DEFAULT 'command'::text NOT NULL,
    begun_by text DEFAULT ''::text NOT NULL,
    due text DEFAULT ''::text NOT NULL,
    stop_by text DEFAULT ''::text NOT NULL,
    announce boolean DEFAULT false NOT NULL,
    thinned_at timestamp with time zone,
    CONSTRAINT hhrecon_run_decision_check CHECK ((decision = ANY (ARRAY[''::text, 'applied'::text, 'dry_run'::text, 'held'::text]))),
    CONSTRAINT hhrecon_run_origin_check CHECK ((origin = ANY (ARRAY['command'::text, 'schedule'::text, 'page'::text, 'alert'::text]))),
    CONSTRAINT hhrecon_run_state_check CHECK ((state = ANY (ARRAY['running'::text, 'interrupted'::text, 'complete'::text, 'held'::text, 'released'::text, 'discarded'::text])))
);
COMMENT ON TABLE public.hhrecon_run IS 'One pass over one project''s open payins.';
COMMENT ON COLUMN public.hhrecon_run.state IS 'running, interrupted (broke off, can be resumed), complete, held (nothing was corrected); released or discarded: was held, and a person had the corrections written or dropped';
COMMENT ON COLUMN public.hhrecon_run.dry_run IS 'findings are kept, no row is corrected';
COMMENT ON COLUMN public.hhrecon_run.whole IS 'the project''s own window; false for named payins or a window given by hand';
COMMENT ON COLUMN public.hhrecon_run.window_from IS 'payins created at or after this …';
COMMENT ON COLUMN public.hhrecon_run.window_to IS '… and before this were selected';
COMMENT ON COLUMN public.hhrecon_run.rules IS 'the project''s settings that its payins are judged by, as they were when it was opened; JSON';
COMMENT ON COLUMN public.hhrecon_run.started_at IS 'the run''s moment, for all its payins';
COMMENT ON COLUMN public.hhrecon_run.owner_token IS 'the process that may write to this run';
COMMENT ON COLUMN public.hhrecon_run.owner_process IS 'tells the process from a later one with the same host and pid';
COMMENT ON COLUMN public.hhrecon_run.beat_at IS 'the owner''s last sign of life, by the database''s clock';
COMMENT ON COLUMN public.hhrecon_run.selected IS 'payins selected, open and rechecked';
COMMENT ON COLUMN public.hhrecon_run.unresolved IS 'open payins that left the window';
COMMENT ON COLUMN public.hhrecon_run.answered IS 'payins that HighHelp answered, whatever it said; set with decision';
COMMENT ON COLUMN public.hhrecon_run.open IS 'those of them that a correction could change: an open row, and an answer to go by; set with decision';
COMMENT ON COLUMN public.hhrecon_run.changes IS 'corrections called for; set with decision';
COMMENT ON COLUMN public.hhrecon_run.harmful IS 'those into decline, error or dispute; set with decision';
COMMENT ON COLUMN public.hhrecon_run.harmful_sum IS 'merchant amounts of the harmful ones, minor units; set with decision';
COMMENT ON COLUMN public.hhrecon_run.decision IS 'what becomes of the corrections: applied, dry_run or held; empty until the run is weighed';
COMMENT ON COLUMN public.hhrecon_run.note IS 'why it was held; set with decision';
COMMENT ON COLUMN public.hhrecon_run.broken IS 'why it broke off last';
COMMENT ON COLUMN public.hhrecon_run.origin IS 'what began it: command, schedule, page or alert';
COMMENT ON COLUMN public.hhrecon_run.begun_by IS 'the person who began it; empty for a schedule or an alert';
COMMENT ON COLUMN public.hhrecon_run.due IS 'the due time that it is for: the job''s name and RFC 3339 in UTC; empty for none';
COMMENT ON COLUMN public.hhrecon_run.stop_by IS 'the person who asked for its stop; empty again once it is resumed';
COMMENT ON COLUMN public.hhrecon_run.announce IS 'whether its report is to be sent, and hhrecon_report does not know of it yet';
COMMENT ON COLUMN public.hhrecon_run.thinned_at IS 'since when it is being taken out; nobody finds it any more';
ALTER TABLE public.hhrecon_run ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hhrecon_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.hhrecon_schema (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.hhrecon_schema ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.hhrecon_schema_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.hhrecon_selection (
    run_id bigint NOT NULL,
    seq bigint NOT NULL,
    query text NOT NULL,
    project_id text,
    payment_id text,
    amount bigint,
    currency text,
    status text,
    sub_status text,
    settled_amount bigint,
    lifetime bigint,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    outcome text,
    causes text,
    initial_amount bigint,
    old_amount bigint,
    paid_amount bigint,
    provider_status text,
    provider_sub_status text,
    request_id text,
    expires_at timestamp with time zone,
    status_after text,
    sub_status_after text,
    settled_amount_after bigint,
    changes boolean,
    harmful boolean,
    result text,
    answer text,
    reason text,
    checked_at timestamp with time zone,
    updated_at_after timestamp with time zone
);
COMMENT ON TABLE public.hhrecon_selection IS 'Working memory of the runs that are not closed: the payins selected, and the verdicts on them.';
COMMENT ON COLUMN public.hhrecon_selection.seq IS 'place in the run, from 1: those that were not asked about last time first, then by created_at';
COMMENT ON COLUMN public.hhrecon_selection.query IS 'which query selected it: open_payins.sql or final_payins.sql';
COMMENT ON COLUMN public.hhrecon_selection.amount IS 'the merchant''s, in minor units; this and the next columns are the merchant''s row as it was read';
COMMENT ON COLUMN public.hhrecon_selection.lifetime IS 'seconds';
COMMENT ON COLUMN public.hhrecon_selection.outcome IS 'null until judged, as all columns after it';
COMMENT ON COLUMN public.hhrecon_selection.paid_amount IS 'what the customer really paid, as far as HighHelp knows, in minor units';
COMMENT ON COLUMN public.hhrecon_selection.status_after IS 'what a correction writes; the row''s own where nothing changes';
COMMENT ON COLUMN public.hhrecon_selection.changes IS 'there is something to correct';
COMMENT ON COLUMN public.hhrecon_selection.harmful IS 'a correction into decline, error or dispute';
COMMENT ON COLUMN public.hhrecon_selection.updated_at_after IS 'what updated_at becomes; null: the moment of writing. Set only to put a row back';
CREATE TABLE public.hhrecon_session (
    token_hash text NOT NULL,
    data bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.hhrecon_session IS 'Who is signed in to the page just now.';
COMMENT ON COLUMN public.hhrecon_session.token_hash IS 'SHA-256, in hexadecimal, of the cookie''s token: what stands here lets nobody in';
CREATE TABLE public.hhrecon_support (
    id bigint NOT NULL,
    project_id text NOT NULL,
    payment_id text NOT NULL,
    word text NOT NULL,
    state text NOT NULL,
    who text NOT NULL,
    note text NOT NULL,
    marked_at timestamp with time zone NOT NULL,
    CONSTRAINT hhrecon_support_state_check CHECK ((state = ANY (ARRAY['new'::text, 'sent'::text, 'answered'::text, 'settled'::text])))
);
COMMENT ON TABLE public.hhrecon_support IS 'How far people are with asking HighHelp''s support about payins; the latest mark on a payin counts.';
COMMENT ON COLUMN public.hhrecon_support.word IS 'what HighHelp said of the payin when it was marked: the mark is about that, and once HighHelp says something else the payin is new again';
COMMENT ON COLUMN public.hhrecon_support.state IS 'new: to be asked again; sent: support was asked; answered: it answered; settled: nothing more to ask';
ALTER TABLE public.hhrecon_support ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hhrecon_support_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.hhrecon_unresolved (
    run_id bigint NOT NULL,
    seq bigint NOT NULL,
    project_id text,
    payment_id text,
    amount bigint,
    currency text,
    status text,
    sub_status text,
    settled_amount bigint,
    lifetime bigint,
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);
COMMENT ON TABLE public.hhrecon_unresolved IS 'Payins that were still open when they left a project''s window; listed once, with the run that saw them leave.';
COMMENT ON COLUMN public.hhrecon_unresolved.seq IS 'place in the list, from 1, by created_at';
COMMENT ON COLUMN public.hhrecon_unresolved.amount IS 'the merchant''s, in minor units; this and the next columns are the merchant''s row as it was read';
CREATE TABLE public.hhrecon_user (
    name text NOT NULL,
    role text NOT NULL,
    hash text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    CONSTRAINT hhrecon_user_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'finance'::text, 'admin'::text])))
);
COMMENT ON TABLE public.hhrecon_user IS 'The people who sign in to the page.';
COMMENT ON COLUMN public.hhrecon_user.hash IS 'of the password: argon2id in the PHC form';
CREATE TABLE public.payins (
    project_id text NOT NULL,
    payment_id text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    sub_status text,
    settled_amount bigint,
    lifetime integer,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
INSERT INTO public.hhrecon_action VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 21, 'decide', 1, 3, 'appeal', 'KGS', 'dispute', 'different_amount', 3000, '2026-11-30 02:40:57.611015+00', 'success', NULL, 3000, '2026-11-30 02:40:58.51859+00', 'applied', '', 'Aida', 'as agreed', '2026-11-30 02:40:58.51859+00', 'ff0a535c5cad179eac4db34447901226ba7c616d8b55754f6ca6acad267d3239');
INSERT INTO public.hhrecon_action VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 22, 'undo', 1, 11, 'declined', 'KGS', 'decline', NULL, NULL, '2026-11-30 02:40:57.611015+00', 'pending', NULL, NULL, '2026-11-30 00:40:55.018567+00', 'applied', '', 'Aida', 'a trial', '2026-11-30 02:40:58.596818+00', '89d46aad405f27066d2b664f2e3b9afb0f4e27fbcc93edd5278d012cd20a5c3e');
INSERT INTO public.hhrecon_action VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 40, 'release', 2, 3, 'nopay', 'KGS', 'pending', NULL, NULL, '2026-11-30 02:40:57.611015+00', 'dispute', 'no_payment', NULL, NULL, 'superseded', 'The row has changed since: it says status "new", sub_status null, settled_amount null, updated_at "2026-11-30T02:40:57.611015Z".', 'Aida', 'they are declined', '2026-11-30 02:41:01.704386+00', '909c7f1e35bb14516557a4677a97de1221599e0f96659fbcd5e4b90970ac45b7');
INSERT INTO public.hhrecon_action VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 41, 'release', 2, 8, 'declined', 'KGS', 'pending', NULL, NULL, '2026-11-30 00:40:55.018567+00', 'decline', NULL, NULL, '2026-11-30 02:41:01.704386+00', 'applied', '', 'Aida', 'they are declined', '2026-11-30 02:41:01.704386+00', '94f44c66b9c580fe4973d8c5d26bab5443c729014dbfec035db2f6d270a1fedc');
INSERT INTO public.hhrecon_action VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 42, 'release', 2, 9, 'rejected', 'KGS', 'pending', NULL, NULL, '2026-11-30 02:40:57.611015+00', 'error', NULL, NULL, '2026-11-30 02:41:01.704386+00', 'applied', '', 'Aida', 'they are declined', '2026-11-30 02:41:01.704386+00', '8ee51e6a303a41ced8a03da6f094de582add826d313e22942c8e8d7f11f36bb3');
INSERT INTO public.hhrecon_chain VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 42, '8ee51e6a303a41ced8a03da6f094de582add826d313e22942c8e8d7f11f36bb3');
INSERT INTO public.hhrecon_finding VALUES (1, 1, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'ok1', 'confirmed', '', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:52.863768+00', '2026-11-30 00:40:52.863768+00', 'success', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'success', NULL, 5000, 'applied', '2026-11-30 02:40:57.611015+00', false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ok1", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'Paid as asked: 50.00 KGS.', '2026-11-30 02:40:56.514693+00', 1, 'f12f25b007d5be9357036b5afcc2e673958c0dc80530b759f259cf90561898c6');
INSERT INTO public.hhrecon_finding VALUES (1, 2, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'ok2', 'confirmed', '', 700000, 700000, 700000, 700000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:53.01615+00', '2026-11-30 00:40:53.01615+00', 'success', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'success', NULL, 700000, 'applied', '2026-11-30 02:40:57.611015+00', false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ok2", "payment_info": {"amount": 700000, "old_amount": 700000, "initial_amount": 700000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'Paid as asked: 7 000.00 KGS.', '2026-11-30 02:40:56.692032+00', 2, 'ab7c8a8949e3c758f191c4268561bbc57d9ec1d40e9fe0dbf8f90b71a385b538');
INSERT INTO public.hhrecon_finding VALUES (1, 3, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'appeal', 'different_amount', 'appeal', 5000, 5000, 5000, 3000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:53.203672+00', '2026-11-30 00:40:53.203672+00', 'success', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'different_amount', 3000, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "appeal", "payment_info": {"amount": 3000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp has 30.00 KGS where the merchant''s row has 50.00 KGS (-40.0 %): an appeal changed 50.00 KGS to 30.00 KGS.', '2026-11-30 02:40:56.552768+00', 3, '57f2e916be20348c23023d0a82a874b49a6ea3362ce5eb0a120040f86c9ed1ce');
INSERT INTO public.hhrecon_finding VALUES (1, 4, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'steps', 'different_amount', 'appeal,reprice,record', 5000, 3000, 4000, 3500, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:53.6643+00', '2026-11-30 00:40:53.6643+00', 'success', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'different_amount', 3500, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "steps", "payment_info": {"amount": 3500, "old_amount": 4000, "initial_amount": 3000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp has 35.00 KGS where the merchant''s row has 50.00 KGS (-30.0 %): HighHelp was asked for 30.00 KGS, the application was changed to 40.00 KGS before any appeal, an appeal changed 40.00 KGS to 35.00 KGS.', '2026-11-30 02:40:56.592769+00', 4, '3079031c19bc289751d96702b1d85b8855e7aff067a333818527f18596b67acc');
INSERT INTO public.hhrecon_finding VALUES (1, 5, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'units', 'different_amount', 'record', 5000, 500000, 500000, 500000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:54.195069+00', '2026-11-30 00:40:54.195069+00', 'success', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'different_amount', 500000, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "units", "payment_info": {"amount": 500000, "old_amount": 500000, "initial_amount": 500000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp has 5 000.00 KGS where the merchant''s row has 50.00 KGS (+9900.0 %): HighHelp was asked for 5 000.00 KGS (100 times as much: minor and major units were mixed up).', '2026-11-30 02:40:56.618854+00', 5, 'f6207a0247d9793f5691ba455be811094c7cdf5210ab8262a52b55d0fe6b1e25');
INSERT INTO public.hhrecon_finding VALUES (1, 6, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'nopay', 'timeout', 'no_payment', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:54.382576+00', '2026-11-30 00:40:54.382576+00', 'dispute', 'no_payment', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'no_payment', NULL, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "dispute", "sub_status": "no_payment", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "nopay", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The customer did not pay within the lifetime.', '2026-11-30 02:40:56.652379+00', 6, '678e22204f777b710e2eb11434d7a95c706306be434eda0daf8041a10415c700');
INSERT INTO public.hhrecon_finding VALUES (1, 7, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'confirm', 'timeout', 'appeal,confirm_timeout', 5000, 5000, 5000, 4900, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:54.509965+00', '2026-11-30 00:40:54.509965+00', 'dispute', 'confirm_timeout', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'confirm_timeout', NULL, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "dispute", "sub_status": "confirm_timeout", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "confirm", "payment_info": {"amount": 4900, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The time to confirm the payment ran out; HighHelp has 49.00 KGS where the merchant''s row has 50.00 KGS (-2.0 %): an appeal changed 50.00 KGS to 49.00 KGS.', '2026-11-30 02:40:56.672267+00', 7, '86b1977aafedb7da30e301d8cff46f83b8150c9dffb63ecf138269fb0a5f1aa1');
INSERT INTO public.hhrecon_finding VALUES (1, 8, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'provider', 'different_amount', 'provider', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:54.709855+00', '2026-11-30 00:40:54.709855+00', 'dispute', 'different_amount', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'different_amount', NULL, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "dispute", "sub_status": "different_amount", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "provider", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp reports a different amount, though its amounts equal the merchant''s 50.00 KGS.', '2026-11-30 02:40:56.772633+00', 8, '6d39b427b58a919a91c6519a9f6345bcef35bd567d05ec028b399fcd2eb05c92');
INSERT INTO public.hhrecon_finding VALUES (1, 18, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'html', 'unreachable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.88832+00', '2026-11-30 00:40:55.88832+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'unreachable', '<html>busy</html>', 'No usable answer from HighHelp: payin info "html": HighHelp unreachable after 3 tries: HTTP 200: not JSON: invalid character ''<'' looking for beginning of value: the next try, in 1.626s, would come after the call''s limit of 3s.', '2026-11-30 02:40:58.366652+00', 20, '333ce8e1d0c8d20b3df54e51ea50eeb599d8ba63c427c41eaa103c49e9b63a79');
INSERT INTO public.hhrecon_finding VALUES (1, 9, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'disputed', 'disputed', '', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:54.780756+00', '2026-11-30 00:40:54.780756+00', 'dispute', 'incorrect_requisites', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'incorrect_requisites', NULL, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "dispute", "sub_status": "incorrect_requisites", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "disputed", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp holds this payin in dispute (incorrect_requisites).', '2026-11-30 02:40:56.792916+00', 9, 'abefe75d2fb6874bc205dae0821135a659563c6412b6c52c6c3478fb17ab3089');
INSERT INTO public.hhrecon_finding VALUES (1, 10, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'tomorrow', 'disputed', '', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:54.895243+00', '2026-11-30 00:40:54.895243+00', 'dispute', 'of_tomorrow', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'of_tomorrow', NULL, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "dispute", "sub_status": "of_tomorrow", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "tomorrow", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp holds this payin in dispute (of_tomorrow); the sub-status "of_tomorrow" is new to us.', '2026-11-30 02:40:56.832599+00', 10, 'ba0083e5a1adf24a2aef8e426e4c12b42b2bfb50b8c8048fd0eb465f74614ddf');
INSERT INTO public.hhrecon_finding VALUES (1, 11, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'declined', 'declined', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.018567+00', '2026-11-30 00:40:55.018567+00', 'decline', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'decline', NULL, NULL, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "decline", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "declined"}', 'HighHelp declined this payin.', '2026-11-30 02:40:56.505708+00', 11, '281e790c34c45ce07f48e49ec552d5c4b0eeb5cce9c5c1f89cc748e90225a423');
INSERT INTO public.hhrecon_finding VALUES (1, 12, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'rejected', 'rejected', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.141351+00', '2026-11-30 00:40:55.141351+00', 'error', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'error', NULL, NULL, 'applied', '2026-11-30 02:40:57.611015+00', true, 'answered', '{"status": "error", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "rejected"}', 'HighHelp ended this payin with an error; it must not be credited.', '2026-11-30 02:40:56.532666+00', 12, '68f287565df28c09b8cbdbfa69bcb30bd82a430738c4edca8c7e1eecef68f8bf');
INSERT INTO public.hhrecon_finding VALUES (1, 13, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'pending', 'pending', '', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.302327+00', '2026-11-30 00:40:55.302327+00', 'processing', 'awaiting_confirm', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 03:40:50+00', 'processing', 'awaiting_confirm', NULL, 'applied', '2026-11-30 02:40:57.611015+00', false, 'answered', '{"status": "processing", "sub_status": "awaiting_confirm", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "pending", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1796010050}}', 'Still under way at HighHelp (awaiting_confirm).', '2026-11-30 02:40:56.573718+00', 13, '677b3afe414b3cd281eafbc93b2faf6b03c42e2b04356f0165015d1bf6a29081');
INSERT INTO public.hhrecon_finding VALUES (1, 14, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'overdue', 'timeout', 'overdue', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.458769+00', '2026-11-30 00:40:55.458769+00', 'processing', 'paid', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'processing', 'paid', NULL, 'applied', '2026-11-30 02:40:57.611015+00', false, 'answered', '{"status": "processing", "sub_status": "paid", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "overdue", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp never closed this payin (processing: paid), 2 hours after it expired.', '2026-11-30 02:40:56.632495+00', 14, '78ae74768957851e6ffd84d8382ef77bb11985312959b8a7fc5213e4ae1e08fb');
INSERT INTO public.hhrecon_finding VALUES (1, 15, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'other', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.580282+00', '2026-11-30 00:40:55.580282+00', NULL, NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'pending', NULL, NULL, 'none', NULL, false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ANOTHER \"ONE\"", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The answer cannot be trusted: it is about another payment_id, "ANOTHER \"ONE\"".', '2026-11-30 02:40:56.715197+00', 15, 'a263dcc68d9e70831cb19b0358165e7503f9f5f4b1e9355412d171909318c4dd');
INSERT INTO public.hhrecon_finding VALUES (1, 16, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'cur', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.662802+00', '2026-11-30 00:40:55.662802+00', NULL, NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'pending', NULL, NULL, 'none', NULL, false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "cur", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "RUB", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The answer cannot be trusted: its currency is "RUB", the merchant''s row has "KGS".', '2026-11-30 02:40:56.731592+00', 16, '2ddbf2aa90e6f63d1382917f2534b753b9bfc28c0f4576701e39541fdf0ca014');
INSERT INTO public.hhrecon_finding VALUES (1, 17, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'weird', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.771474+00', '2026-11-30 00:40:55.771474+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'refused', '{"status":5}', 'HighHelp gave no answer that can be trusted: payin info "weird": HighHelp''s answer is not in the documented form: HTTP 200: status: a number where a string belongs.', '2026-11-30 02:40:56.751883+00', 17, 'c247ad2d7636efc08b7980f0f00dd514f21fa4acd8789d8182ef0d5d16f8ad96');
INSERT INTO public.hhrecon_finding VALUES (1, 19, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'down', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:56.125217+00', '2026-11-30 00:40:56.125217+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'refused', '{"status":"error","message":"busy: try \"later\""}', 'HighHelp gave no answer that can be trusted: payin info "down": HighHelp refuses the request: HTTP 422 "busy: try \"later\"".', '2026-11-30 02:40:56.853652+00', 18, '9704fc23f4047dde4797b980fd506712057f13f86b332fdee0f9629b8a0f6fe1');
INSERT INTO public.hhrecon_finding VALUES (1, 20, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'gone', 'not_found', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:56.244115+00', '2026-11-30 00:40:56.244115+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'not_found', '{"status": "error", "status_description": "payment not found"}', 'HighHelp does not know this payin.', '2026-11-30 02:40:56.880691+00', 19, '1f8f8c8071e24e72d23f54c6cd823c2b21e2e83d37eb589497efdb2f1cc32661');
INSERT INTO public.hhrecon_finding VALUES (2, 1, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'steps', 'different_amount', 'appeal,reprice,record', 5000, 3000, 4000, 3500, 'KGS', 'dispute', 'different_amount', 3500, 300, '2026-11-30 00:40:53.6643+00', '2026-11-30 02:40:57.611015+00', 'success', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'different_amount', 3500, 'none', NULL, false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "steps", "payment_info": {"amount": 3500, "old_amount": 4000, "initial_amount": 3000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp has 35.00 KGS where the merchant''s row has 50.00 KGS (-30.0 %): HighHelp was asked for 30.00 KGS, the application was changed to 40.00 KGS before any appeal, an appeal changed 40.00 KGS to 35.00 KGS.', '2026-11-30 02:40:58.872596+00', 23, '7fdf740121abeda46aa368fe3bc42893c8400dfd6c655fd1730679265d73813d');
INSERT INTO public.hhrecon_finding VALUES (2, 2, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'units', 'different_amount', 'record', 5000, 500000, 500000, 500000, 'KGS', 'dispute', 'different_amount', 500000, 300, '2026-11-30 00:40:54.195069+00', '2026-11-30 02:40:57.611015+00', 'success', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'different_amount', 500000, 'none', NULL, false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "units", "payment_info": {"amount": 500000, "old_amount": 500000, "initial_amount": 500000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp has 5 000.00 KGS where the merchant''s row has 50.00 KGS (+9900.0 %): HighHelp was asked for 5 000.00 KGS (100 times as much: minor and major units were mixed up).', '2026-11-30 02:40:58.883782+00', 24, 'd8159ae594e07c5e25e0b7ed6b98ecc9f6a26cab8ea5d3043be000f35402c0d3');
INSERT INTO public.hhrecon_finding VALUES (2, 3, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'nopay', 'timeout', 'no_payment', 5000, 5000, 5000, 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:54.382576+00', '2026-11-30 02:40:57.611015+00', 'dispute', 'no_payment', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'no_payment', NULL, 'held', NULL, true, 'answered', '{"status": "dispute", "sub_status": "no_payment", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "nopay", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The customer did not pay within the lifetime.', '2026-11-30 02:40:58.90552+00', 25, '993da8cd408badfd9372a54ac990b59b8a44b58a20086bd87f4668efb0864af2');
INSERT INTO public.hhrecon_finding VALUES (2, 4, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'confirm', 'timeout', 'appeal,confirm_timeout', 5000, 5000, 5000, 4900, 'KGS', 'dispute', 'confirm_timeout', NULL, 300, '2026-11-30 00:40:54.509965+00', '2026-11-30 02:40:57.611015+00', 'dispute', 'confirm_timeout', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'confirm_timeout', NULL, 'none', NULL, false, 'answered', '{"status": "dispute", "sub_status": "confirm_timeout", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "confirm", "payment_info": {"amount": 4900, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The time to confirm the payment ran out; HighHelp has 49.00 KGS where the merchant''s row has 50.00 KGS (-2.0 %): an appeal changed 50.00 KGS to 49.00 KGS.', '2026-11-30 02:40:58.883439+00', 26, '09966257046ec21f8b88dd186179bf717c608993db784c2899d44e12549fb11a');
INSERT INTO public.hhrecon_finding VALUES (2, 5, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'provider', 'different_amount', 'provider', 5000, 5000, 5000, 5000, 'KGS', 'dispute', 'different_amount', NULL, 300, '2026-11-30 00:40:54.709855+00', '2026-11-30 02:40:57.611015+00', 'dispute', 'different_amount', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'different_amount', NULL, 'none', NULL, false, 'answered', '{"status": "dispute", "sub_status": "different_amount", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "provider", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp reports a different amount, though its amounts equal the merchant''s 50.00 KGS.', '2026-11-30 02:40:58.917237+00', 27, 'cc8caf58efaaf9ceeb805de4dd7dc241826a587201fee566b3444945ba674d7e');
INSERT INTO public.hhrecon_finding VALUES (2, 6, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'disputed', 'disputed', '', 5000, 5000, 5000, 5000, 'KGS', 'dispute', 'incorrect_requisites', NULL, 300, '2026-11-30 00:40:54.780756+00', '2026-11-30 02:40:57.611015+00', 'dispute', 'incorrect_requisites', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'incorrect_requisites', NULL, 'none', NULL, false, 'answered', '{"status": "dispute", "sub_status": "incorrect_requisites", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "disputed", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp holds this payin in dispute (incorrect_requisites).', '2026-11-30 02:40:58.930663+00', 28, '9215090163d7a2667bc2adc8d6db5f32117b1aafc33687387b5c060b05e288b4');
INSERT INTO public.hhrecon_finding VALUES (2, 7, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'tomorrow', 'disputed', '', 5000, 5000, 5000, 5000, 'KGS', 'dispute', 'of_tomorrow', NULL, 300, '2026-11-30 00:40:54.895243+00', '2026-11-30 02:40:57.611015+00', 'dispute', 'of_tomorrow', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'dispute', 'of_tomorrow', NULL, 'none', NULL, false, 'answered', '{"status": "dispute", "sub_status": "of_tomorrow", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "tomorrow", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp holds this payin in dispute (of_tomorrow); the sub-status "of_tomorrow" is new to us.', '2026-11-30 02:40:58.971073+00', 29, 'bad3b6f7d0bd3df606c710217acf021716c233c53a182c43805b89beeca4ff58');
INSERT INTO public.hhrecon_finding VALUES (2, 8, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'declined', 'declined', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.018567+00', '2026-11-30 00:40:55.018567+00', 'decline', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'decline', NULL, NULL, 'held', NULL, true, 'answered', '{"status": "decline", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "declined"}', 'HighHelp declined this payin.', '2026-11-30 02:40:58.948733+00', 30, 'aa257d31a27db187e714a1c75147baba251bbf9c627caad49938d831d72365cf');
INSERT INTO public.hhrecon_finding VALUES (2, 9, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'rejected', 'rejected', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.141351+00', '2026-11-30 02:40:57.611015+00', 'error', NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'error', NULL, NULL, 'held', NULL, true, 'answered', '{"status": "error", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "rejected"}', 'HighHelp ended this payin with an error; it must not be credited.', '2026-11-30 02:40:59.088615+00', 31, '28645fe607df23d0fb66a569a4f3d2f2758778eb1e7103650aeb733536b2e536');
INSERT INTO public.hhrecon_finding VALUES (2, 10, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'pending', 'pending', '', 5000, 5000, 5000, 5000, 'KGS', 'processing', 'awaiting_confirm', NULL, 300, '2026-11-30 00:40:55.302327+00', '2026-11-30 02:40:57.611015+00', 'processing', 'awaiting_confirm', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 03:40:50+00', 'processing', 'awaiting_confirm', NULL, 'none', NULL, false, 'answered', '{"status": "processing", "sub_status": "awaiting_confirm", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "pending", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1796010050}}', 'Still under way at HighHelp (awaiting_confirm).', '2026-11-30 02:40:58.988931+00', 32, 'c972634e4cef759affe1e3d0931a3f6780527b62f30ea6455c718abd10bd3635');
INSERT INTO public.hhrecon_finding VALUES (2, 11, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'overdue', 'timeout', 'overdue', 5000, 5000, 5000, 5000, 'KGS', 'processing', 'paid', NULL, 300, '2026-11-30 00:40:55.458769+00', '2026-11-30 02:40:57.611015+00', 'processing', 'paid', '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', '2026-11-30 00:40:50+00', 'processing', 'paid', NULL, 'none', NULL, false, 'answered', '{"status": "processing", "sub_status": "paid", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "overdue", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'HighHelp never closed this payin (processing: paid), 2 hours after it expired.', '2026-11-30 02:40:59.008687+00', 33, '476f9111680cd1e50658eb8dccc1dc0e0b6eb56642ecbbaeb75617b998897f07');
INSERT INTO public.hhrecon_finding VALUES (2, 12, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'other', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.580282+00', '2026-11-30 00:40:55.580282+00', NULL, NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'pending', NULL, NULL, 'none', NULL, false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ANOTHER \"ONE\"", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The answer cannot be trusted: it is about another payment_id, "ANOTHER \"ONE\"".', '2026-11-30 02:40:59.028434+00', 34, '6303a8ade02dce2e17ad0d67fe18515753dff071614cb3ba90d94bf5872baf5a');
INSERT INTO public.hhrecon_finding VALUES (2, 13, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'cur', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.662802+00', '2026-11-30 00:40:55.662802+00', NULL, NULL, '16a10539-fcb3-4ff5-a3e2-86625a2dc3d3', NULL, 'pending', NULL, NULL, 'none', NULL, false, 'answered', '{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "cur", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "RUB", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}', 'The answer cannot be trusted: its currency is "RUB", the merchant''s row has "KGS".', '2026-11-30 02:40:59.049875+00', 35, '7e37d09b4f04c25d56508b4c1a62513e5618c7def5b4cfbf79bfbc84b3270d44');
INSERT INTO public.hhrecon_finding VALUES (2, 14, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'weird', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.771474+00', '2026-11-30 00:40:55.771474+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'refused', '{"status":5}', 'HighHelp gave no answer that can be trusted: payin info "weird": HighHelp''s answer is not in the documented form: HTTP 200: status: a number where a string belongs.', '2026-11-30 02:40:59.06861+00', 36, '8dc29888966a317081116556868211edeb88594223d63a09131def02bd27cad9');
INSERT INTO public.hhrecon_finding VALUES (2, 15, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'html', 'unreachable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.88832+00', '2026-11-30 00:40:55.88832+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'unreachable', '<html>busy</html>', 'No usable answer from HighHelp: payin info "html": HighHelp unreachable after 4 tries: HTTP 200: not JSON: invalid character ''<'' looking for beginning of value: the next try, in 3.587s, would come after the call''s limit of 3s.', '2026-11-30 02:41:01.239741+00', 37, 'f41b0e6fbd9fdcdd1e98d56ca651e2b145d515e26e8ea0ce17d804f21f760206');
INSERT INTO public.hhrecon_finding VALUES (2, 16, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'down', 'unverifiable', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:56.125217+00', '2026-11-30 00:40:56.125217+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'refused', '{"status":"error","message":"busy: try \"later\""}', 'HighHelp gave no answer that can be trusted: payin info "down": HighHelp refuses the request: HTTP 422 "busy: try \"later\"".', '2026-11-30 02:40:59.109456+00', 38, '0910135e8315db7e92d13bb041284ce3266eb0b2e554c961ea22b5b6d1f7e58f');
INSERT INTO public.hhrecon_finding VALUES (2, 17, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'gone', 'not_found', '', 5000, NULL, NULL, NULL, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:56.244115+00', '2026-11-30 00:40:56.244115+00', NULL, NULL, NULL, NULL, 'pending', NULL, NULL, 'none', NULL, false, 'not_found', '{"status": "error", "status_description": "payment not found"}', 'HighHelp does not know this payin.', '2026-11-30 02:40:59.149166+00', 39, '822d7c83b268da28cf1e4522faedab79a6e0e6c36d9b85a60d5ef20f5a258840');
INSERT INTO public.hhrecon_run OVERRIDING SYSTEM VALUE VALUES (1, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'complete', false, true, '2026-10-31 02:40:56.466948+00', '2026-11-30 02:25:56.466948+00', '{"grace":900000000000,"different_amount":"hold"}', '2026-11-30 02:40:56.469307+00', '2026-11-30 02:40:58.410059+00', 'ZACGHN5DIVCWBRD6WF2KXFACYE', 'host', 29278, 'd933a8d4-908f-439c-940e-c006a75fb1d6:pid:[4026531836]/296958', '2026-11-30 02:40:58.410992+00', 20, 0, 19, 14, 14, 10, 50000, 'applied', '', '', 'command', '', '', '', false, NULL);
INSERT INTO public.hhrecon_run OVERRIDING SYSTEM VALUE VALUES (2, '57aff4db-b45d-42bf-bc5f-b7a499a01782', 'released', false, true, '2026-10-31 02:40:58.780369+00', '2026-11-30 02:25:58.780369+00', '{"grace":900000000000,"different_amount":"hold"}', '2026-11-30 02:40:58.78501+00', '2026-11-30 02:41:01.303732+00', '3GDZY4QRSQ5BJWGAQNSV4URJ7B', 'host', 29375, 'd933a8d4-908f-439c-940e-c006a75fb1d6:pid:[4026531836]/297204', '2026-11-30 02:41:01.304982+00', 17, 0, 16, 11, 3, 3, 15000, 'held', '3 of 11 answered open payins would be declined, rejected or disputed, more than the share of 1 %', '', 'command', '', '', '', false, NULL);
INSERT INTO public.hhrecon_schema VALUES (1, 0, true, '2026-11-30 02:40:51.86074');
INSERT INTO public.hhrecon_schema VALUES (2, 1, true, '2026-11-30 02:40:51.885552');
INSERT INTO public.hhrecon_schema VALUES (3, 2, true, '2026-11-30 02:40:51.940433');
INSERT INTO public.hhrecon_schema VALUES (4, 3, true, '2026-11-30 02:40:51.949964');
INSERT INTO public.hhrecon_schema VALUES (5, 4, true, '2026-11-30 02:40:52.021447');
INSERT INTO public.hhrecon_schema VALUES (6, 5, true, '2026-11-30 02:40:52.034045');
INSERT INTO public.hhrecon_schema VALUES (7, 6, true, '2026-11-30 02:40:52.065987');
INSERT INTO public.hhrecon_schema VALUES (8, 7, true, '2026-11-30 02:40:52.083879');
INSERT INTO public.hhrecon_schema VALUES (9, 8, true, '2026-11-30 02:40:52.113502');
INSERT INTO public.hhrecon_schema VALUES (10, 9, true, '2026-11-30 02:40:52.123857');
INSERT INTO public.hhrecon_schema VALUES (11, 10, true, '2026-11-30 02:40:52.136701');
INSERT INTO public.hhrecon_schema VALUES (12, 11, true, '2026-11-30 02:40:52.302286');
INSERT INTO public.hhrecon_schema VALUES (13, 12, true, '2026-11-30 02:40:52.330081');
INSERT INTO public.hhrecon_schema VALUES (14, 13, true, '2026-11-30 02:40:52.374394');
INSERT INTO public.hhrecon_schema VALUES (15, 14, true, '2026-11-30 02:40:52.384127');
INSERT INTO public.hhrecon_schema VALUES (16, 15, true, '2026-11-30 02:40:52.512397');
INSERT INTO public.hhrecon_schema VALUES (17, 16, true, '2026-11-30 02:40:52.590031');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'other', 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.580282+00', '2026-11-30 00:40:55.580282+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'cur', 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.662802+00', '2026-11-30 00:40:55.662802+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'weird', 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.771474+00', '2026-11-30 00:40:55.771474+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'html', 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:55.88832+00', '2026-11-30 00:40:55.88832+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'down', 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:56.125217+00', '2026-11-30 00:40:56.125217+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'gone', 5000, 'KGS', 'pending', NULL, NULL, 300, '2026-11-30 00:40:56.244115+00', '2026-11-30 00:40:56.244115+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'confirm', 5000, 'KGS', 'dispute', 'confirm_timeout', NULL, 300, '2026-11-30 00:40:54.509965+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'disputed', 5000, 'KGS', 'dispute', 'incorrect_requisites', NULL, 300, '2026-11-30 00:40:54.780756+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'ok1', 5000, 'KGS', 'success', NULL, 5000, 300, '2026-11-30 00:40:52.863768+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'ok2', 700000, 'KGS', 'success', NULL, 700000, 300, '2026-11-30 00:40:53.01615+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'overdue', 5000, 'KGS', 'processing', 'paid', NULL, 300, '2026-11-30 00:40:55.458769+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'pending', 5000, 'KGS', 'processing', 'awaiting_confirm', NULL, 300, '2026-11-30 00:40:55.302327+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'provider', 5000, 'KGS', 'dispute', 'different_amount', NULL, 300, '2026-11-30 00:40:54.709855+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'steps', 5000, 'KGS', 'dispute', 'different_amount', 3500, 300, '2026-11-30 00:40:53.6643+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'tomorrow', 5000, 'KGS', 'dispute', 'of_tomorrow', NULL, 300, '2026-11-30 00:40:54.895243+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'units', 5000, 'KGS', 'dispute', 'different_amount', 500000, 300, '2026-11-30 00:40:54.195069+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'appeal', 5000, 'KGS', 'success', NULL, 3000, 300, '2026-11-30 00:40:53.203672+00', '2026-11-30 02:40:58.51859+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'nopay', 5000, 'KGS', 'new', NULL, NULL, 300, '2026-11-30 00:40:54.382576+00', '2026-11-30 02:40:57.611015+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'declined', 5000, 'KGS', 'decline', NULL, NULL, 300, '2026-11-30 00:40:55.018567+00', '2026-11-30 02:41:01.704386+00');
INSERT INTO public.payins VALUES ('57aff4db-b45d-42bf-bc5f-b7a499a01782', 'rejected', 5000, 'KGS', 'error', NULL, NULL, 300, '2026-11-30 00:40:55.141351+00', '2026-11-30 02:41:01.704386+00');
SELECT pg_catalog.setval('public.hhrecon_alert_id_seq', 1, false);
SELECT pg_catalog.setval('public.hhrecon_delivery_id_seq', 1, false);
SELECT pg_catalog.setval('public.hhrecon_report_id_seq', 1, false);
SELECT pg_catalog.setval('public.hhrecon_run_id_seq', 2, true);
SELECT pg_catalog.setval('public.hhrecon_schema_id_seq', 17, true);
SELECT pg_catalog.setval('public.hhrecon_support_id_seq', 1, false);
ALTER TABLE ONLY public.hhrecon_action
    ADD CONSTRAINT hhrecon_action_pkey PRIMARY KEY (project_id, chain_seq);
ALTER TABLE ONLY public.hhrecon_alert
    ADD CONSTRAINT hhrecon_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hhrecon_alert
    ADD CONSTRAINT hhrecon_alert_project_id_alert_key_version_key UNIQUE (project_id, alert_key, version);
ALTER TABLE ONLY public.hhrecon_anchor
    ADD CONSTRAINT hhrecon_anchor_pkey PRIMARY KEY (project_id);
ALTER TABLE ONLY public.hhrecon_batch
    ADD CONSTRAINT hhrecon_batch_pkey PRIMARY KEY (run_id, number);
ALTER TABLE ONLY public.hhrecon_chain
    ADD CONSTRAINT hhrecon_chain_pkey PRIMARY KEY (project_id);
ALTER TABLE ONLY public.hhrecon_delivery
    ADD CONSTRAINT hhrecon_delivery_message_id_key UNIQUE (message_id);
ALTER TABLE ONLY public.hhrecon_delivery
    ADD CONSTRAINT hhrecon_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hhrecon_due
    ADD CONSTRAINT hhrecon_due_pkey PRIMARY KEY (job, due_at);
ALTER TABLE ONLY public.hhrecon_finding
    ADD CONSTRAINT hhrecon_finding_pkey PRIMARY KEY (run_id, seq);
ALTER TABLE ONLY public.hhrecon_rate
    ADD CONSTRAINT hhrecon_rate_pkey PRIMARY KEY (project_id);
ALTER TABLE ONLY public.hhrecon_report
    ADD CONSTRAINT hhrecon_report_base_id_edition_key UNIQUE (base_id, edition);
ALTER TABLE ONLY public.hhrecon_report_late
    ADD CONSTRAINT hhrecon_report_late_pkey PRIMARY KEY (report_id, run_id, seq);
ALTER TABLE ONLY public.hhrecon_report
    ADD CONSTRAINT hhrecon_report_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hhrecon_report_run
    ADD CONSTRAINT hhrecon_report_run_pkey PRIMARY KEY (report_id, run_id);
ALTER TABLE ONLY public.hhrecon_run
    ADD CONSTRAINT hhrecon_run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hhrecon_schema
    ADD CONSTRAINT hhrecon_schema_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hhrecon_selection
    ADD CONSTRAINT hhrecon_selection_pkey PRIMARY KEY (run_id, seq);
ALTER TABLE ONLY public.hhrecon_session
    ADD CONSTRAINT hhrecon_session_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.hhrecon_support
    ADD CONSTRAINT hhrecon_support_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hhrecon_unresolved
    ADD CONSTRAINT hhrecon_unresolved_pkey PRIMARY KEY (run_id, seq);
ALTER TABLE ONLY public.hhrecon_user
    ADD CONSTRAINT hhrecon_user_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.payins
    ADD CONSTRAINT payins_pkey PRIMARY KEY (project_id, payment_id);
CREATE INDEX hhrecon_action_finding ON public.hhrecon_action USING btree (run_id, seq, chain_seq);
CREATE UNIQUE INDEX hhrecon_action_once ON public.hhrecon_action USING btree (run_id, seq, kind) WHERE ((kind = 'release'::text) OR (result = ANY (ARRAY['none'::text, 'applied'::text])));
CREATE INDEX hhrecon_action_run ON public.hhrecon_action USING btree (run_id, chain_seq);
CREATE INDEX hhrecon_alert_age ON public.hhrecon_alert USING btree (project_id, received_at) WHERE (state <> 'waiting'::text);
CREATE INDEX hhrecon_alert_payin ON public.hhrecon_alert USING hash (payment_id);
CREATE INDEX hhrecon_alert_run ON public.hhrecon_alert USING btree (run_id) WHERE (run_id IS NOT NULL);
CREATE INDEX hhrecon_alert_state ON public.hhrecon_alert USING btree (project_id, state, received_at);
CREATE INDEX hhrecon_alert_waiting ON public.hhrecon_alert USING btree (project_id, id) WHERE (state = 'waiting'::text);
CREATE INDEX hhrecon_batch_unended ON public.hhrecon_batch USING btree (run_id, number) WHERE (state = ANY (ARRAY['queued'::text, 'working'::text]));
CREATE INDEX hhrecon_delivery_due ON public.hhrecon_delivery USING btree (state, next_at, id);
CREATE UNIQUE INDEX hhrecon_delivery_once ON public.hhrecon_delivery USING btree (report_id, folded) WHERE (again_by = ''::text);
CREATE INDEX hhrecon_due_claimed ON public.hhrecon_due USING btree (due_at) WHERE (state = 'claimed'::text);
CREATE UNIQUE INDEX hhrecon_finding_chain ON public.hhrecon_finding USING btree (project_id, chain_seq);
CREATE INDEX hhrecon_finding_outcome ON public.hhrecon_finding USING btree (outcome, run_id, seq);
CREATE UNIQUE INDEX hhrecon_finding_payin ON public.hhrecon_finding USING btree (project_id, payment_id, run_id);
CREATE INDEX hhrecon_finding_undecided ON public.hhrecon_finding USING btree (project_id, payment_id, run_id) WHERE (outcome = ANY (ARRAY['different_amount'::text, 'reversed'::text]));
CREATE INDEX hhrecon_report_late_finding ON public.hhrecon_report_late USING btree (run_id, seq, report_id);
CREATE UNIQUE INDEX hhrecon_report_of_period ON public.hhrecon_report USING btree (job, project_id, window_from, window_to) WHERE ((edition = 0) AND (run_id IS NULL));
CREATE UNIQUE INDEX hhrecon_report_of_run ON public.hhrecon_report USING btree (run_id, ((made_by = ''::text))) WHERE (run_id IS NOT NULL);
CREATE INDEX hhrecon_report_run_run ON public.hhrecon_report_run USING btree (run_id, report_id);
CREATE INDEX hhrecon_run_announce ON public.hhrecon_run USING btree (id) WHERE announce;
CREATE UNIQUE INDEX hhrecon_run_due ON public.hhrecon_run USING btree (project_id, due) WHERE (due <> ''::text);
CREATE INDEX hhrecon_run_no_alert ON public.hhrecon_run USING btree (id) WHERE (origin <> 'alert'::text);
CREATE UNIQUE INDEX hhrecon_run_one_running ON public.hhrecon_run USING btree (project_id) WHERE (state = 'running'::text);
CREATE INDEX hhrecon_run_project ON public.hhrecon_run USING btree (project_id, id);
CREATE INDEX hhrecon_run_thinned ON public.hhrecon_run USING btree (project_id, id) WHERE (thinned_at IS NOT NULL);
CREATE INDEX hhrecon_run_unended ON public.hhrecon_run USING btree (project_id, state) WHERE (state = ANY (ARRAY['running'::text, 'interrupted'::text, 'held'::text]));
CREATE INDEX hhrecon_run_whole ON public.hhrecon_run USING btree (project_id, id) WHERE whole;
CREATE INDEX hhrecon_session_expires ON public.hhrecon_session USING btree (expires_at);
CREATE INDEX hhrecon_support_payin ON public.hhrecon_support USING btree (project_id, payment_id, id);
CREATE INDEX payins_open ON public.payins USING btree (project_id, created_at) WHERE (status <> ALL (ARRAY['success'::text, 'decline'::text]));
CREATE INDEX payins_updated ON public.payins USING btree (project_id, updated_at);
CREATE TRIGGER hhrecon_action_kept BEFORE DELETE OR UPDATE ON public.hhrecon_action FOR EACH ROW EXECUTE FUNCTION public.hhrecon_keep_row('hhrecon_action');
CREATE TRIGGER hhrecon_action_whole BEFORE TRUNCATE ON public.hhrecon_action FOR EACH STATEMENT EXECUTE FUNCTION public.hhrecon_keep();
CREATE TRIGGER hhrecon_anchor_forward BEFORE INSERT OR DELETE OR UPDATE ON public.hhrecon_anchor FOR EACH ROW EXECUTE FUNCTION public.hhrecon_anchor_moves();
CREATE TRIGGER hhrecon_finding_kept BEFORE DELETE OR UPDATE ON public.hhrecon_finding FOR EACH ROW EXECUTE FUNCTION public.hhrecon_keep_row('hhrecon_finding');
CREATE TRIGGER hhrecon_finding_whole BEFORE TRUNCATE ON public.hhrecon_finding FOR EACH STATEMENT EXECUTE FUNCTION public.hhrecon_keep();
ALTER TABLE ONLY public.hhrecon_action
    ADD CONSTRAINT hhrecon_action_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.hhrecon_run(id);
ALTER TABLE ONLY public.hhrecon_alert
    ADD CONSTRAINT hhrecon_alert_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.hhrecon_run(id);
ALTER TABLE ONLY public.hhrecon_batch
    ADD CONSTRAINT hhrecon_batch_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.hhrecon_run(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.hhrecon_delivery
    ADD CONSTRAINT hhrecon_delivery_report_id_fkey FOREIGN KEY (report_id) REFERENCES public.hhrecon_report(id);
ALTER TABLE ONLY public.hhrecon_finding
    ADD CONSTRAINT hhrecon_finding_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.hhrecon_run(id);
ALTER TABLE ONLY public.hhrecon_report
    ADD CONSTRAINT hhrecon_report_base_id_fkey FOREIGN KEY (base_id) REFERENCES public.hhrecon_report(id);
ALTER TABLE ONLY public.hhrecon_report_late
    ADD CONSTRAINT hhrecon_report_late_report_id_fkey FOREIGN KEY (report_id) REFERENCES public.hhrecon_report(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.hhrecon_report
    ADD CONSTRAINT hhrecon_report_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.hhrecon_run(id);
ALTER TABLE ONLY public.hhrecon_report_run
    ADD CONSTRAINT hhrecon_report_run_report_id_fkey FOREIGN KEY (report_id) REFERENCES public.hhrecon_report(id);
ALTER TABLE ONLY public.hhrecon_report_run
    ADD CONSTRAINT hhrecon_report_run_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.hhrecon_run(id);
ALTER TABLE ONLY public.hhrecon_unresolved
    ADD CONSTRAINT hhrecon_unresolved_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.hhrecon_run(id);
