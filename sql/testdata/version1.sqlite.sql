BEGIN TRANSACTION;
CREATE TABLE hhrecon_action (
  project_id            text    not null,
  chain_seq             integer not null, -- place in the project's audit trail, from 1, without gaps; the trail has findings and actions
  kind                  text    not null check (kind in ('release', 'discard', 'undo', 'decide')),
  run_id                integer not null references hhrecon_run (id),
  seq                   integer not null, -- of the finding that it rests on; 0: about the whole run
  payment_id            text    not null,
  currency              text    not null,
  status_before         text,             -- the merchant's row as it was to be found, down to updated_at_before; null: about the whole run
  sub_status_before     text,
  settled_amount_before integer,          -- minor units
  updated_at_before     text,
  status_after          text,             -- the merchant's row as it should be; result says whether it is
  sub_status_after      text,
  settled_amount_after  integer,          -- minor units
  updated_at_after      text,             -- as the row has it once it was written; null where it was not
  result                text    not null check (result in ('none', 'applied', 'superseded', 'refused')),
  reason                text    not null, -- why the row was left alone, in one sentence
  who                   text    not null,
  note                  text    not null,
  acted_at              text    not null,
  hash                  text    not null, -- SHA-256, in hexadecimal, over the hash of the entry before and all columns
  primary key (project_id, chain_seq)
) strict;
INSERT INTO "hhrecon_action" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782',21,'decide',1,1,'appeal','KGS','dispute','different_amount',3000,'2026-11-30T02:41:04.435452Z','success',NULL,3000,'2026-11-30T02:41:05.131435Z','applied','','Aida','as agreed','2026-11-30T02:41:05.131435Z','6a55d059aeb6c2db6d6e43969c87deb8569b8415dc896579235f2e619ae55ae8');
INSERT INTO "hhrecon_action" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782',22,'undo',1,4,'declined','KGS','decline',NULL,NULL,'2026-11-30T02:41:04.435452Z','pending',NULL,NULL,'2026-11-30T00:41:03.000000Z','applied','','Aida','a trial','2026-11-30T02:41:05.296762Z','518478b88b27eccb247fcff57602980d2bad7865c305a082a96db767e870e3c1');
INSERT INTO "hhrecon_action" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782',40,'release',2,3,'declined','KGS','pending',NULL,NULL,'2026-11-30T00:41:03.000000Z','decline',NULL,NULL,'2026-11-30T02:41:07.780322Z','applied','','Aida','they are declined','2026-11-30T02:41:07.780322Z','40ebb08c2e75e68fe96a3d844ffe9a70a360f8e0cb99cb2210f6a8fb74592728');
INSERT INTO "hhrecon_action" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782',41,'release',2,8,'nopay','KGS','pending',NULL,NULL,'2026-11-30T02:41:04.435452Z','dispute','no_payment',NULL,NULL,'superseded','The row has changed since: it says status "new", sub_status null, settled_amount null, updated_at "2026-11-30T02:41:04.435452Z".','Aida','they are declined','2026-11-30T02:41:07.780322Z','5ee7b18986e9c8dd62b1565de88a2bc5a857d043391a4ce3b66351787fbe03ae');
INSERT INTO "hhrecon_action" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782',42,'release',2,13,'rejected','KGS','pending',NULL,NULL,'2026-11-30T02:41:04.435452Z','error',NULL,NULL,'2026-11-30T02:41:07.780322Z','applied','','Aida','they are declined','2026-11-30T02:41:07.780322Z','10ef6a9c502515dcf5cbdd7882db5c9cc6d8e1f9dad2479bd7f989cdd0051e3c');
CREATE TABLE hhrecon_alert (
  id             integer primary key autoincrement,
  project_id     text    not null,
  payment_id     text    not null, -- empty where the alert is unreadable
  status         text    not null,
  sub_status     text    not null,
  alert_key      text    not null, -- HighHelp's own key of duplicates; it has no amount
  version        text    not null, -- tells versions under one key apart: a digest of payment_info, or of all
  body           blob    not null, -- as received, to the byte
  sent_timestamp text    not null, -- the header that the signature covers
  signature      text    not null,
  received_at    text    not null,
  state          text    not null check (state in ('waiting', 'done', 'no_payin', 'unreadable')),
  run_id         integer references hhrecon_run (id), -- that asked about its payin; null before
  note           text    not null,
  repeats        integer not null default 0,  -- exact duplicates that came after it
  saved_by       text    not null,            -- the saving that wrote it, so that one that is tried again is no repetition
  repeated_by    text    not null default '', -- the saving that counted the last repetition
  unique (project_id, alert_key, version)
) strict;
CREATE TABLE hhrecon_anchor (
  project_id text    primary key,
  chain_seq  integer not null default 0,  -- of the last entry that was taken out
  hash       text    not null default '', -- of that entry: the next one's hash rests on it
  goal       integer not null default 0 check (goal >= chain_seq), -- up to where the present thinning goes; one that broke off goes on
  runs       integer not null default 0,  -- how many runs were taken out in all
  until      text,                        -- when the latest of them started
  retention  text    not null default '', -- the setting that they were too old for
  thinned_at text                         -- when that was
) strict;
CREATE TABLE hhrecon_batch (
  run_id    integer not null references hhrecon_run (id) on delete cascade,
  number    integer not null,
  after_seq integer not null,
  to_seq    integer not null,
  state     text    not null check (state in ('later', 'queued', 'working', 'done')),
  worker    text    not null default '',
  claim     text    not null default '',
  attempt   integer not null default 0,
  job_id    integer,
  beat_at   text    not null,
  primary key (run_id, number)
) strict;
CREATE TABLE hhrecon_chain (
  project_id text    primary key,
  chain_seq  integer not null, -- of the last entry, which is a finding or an action
  hash       text    not null  -- of the last entry
) strict;
INSERT INTO "hhrecon_chain" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782',42,'10ef6a9c502515dcf5cbdd7882db5c9cc6d8e1f9dad2479bd7f989cdd0051e3c');
CREATE TABLE hhrecon_delivery (
  id            integer primary key autoincrement,
  report_id     integer not null references hhrecon_report (id),
  address       text    not null,
  folded        text    not null, -- the address in lower case
  language      text    not null, -- en, ru or ky; empty is en
  message_id    text    not null unique, -- the same for every try, so that readers can tell a repetition
  state         text    not null check (state in ('waiting', 'sending', 'sent', 'given_up')),
  tries         integer not null default 0, -- begun, the present one among them; with owner_token the right to end it
  next_at       text    not null, -- when a waiting one is to be tried
  doubtful      integer not null default 0, -- an earlier try may have arrived
  again_by      text    not null, -- who had it sent again by hand; empty otherwise
  note          text    not null default '', -- why the last try failed
  made_at       text    not null, -- when it was noted, or last wanted again by hand
  sent_at       text,
  owner_token   text    not null default '', -- the process that tried last
  owner_host    text    not null default '',
  owner_pid     integer not null default 0,
  owner_process text    not null default '',
  claimed_at    text,             -- when the last try began, by the database's clock
  beat_at       text              -- the last sign of life of who tries, by the database's clock
) strict;
CREATE TABLE hhrecon_due (
  job           text    not null,
  due_at        text    not null,
  state         text    not null check (state in ('claimed', 'done', 'failed', 'skipped')), -- claimed: its owner works on it; skipped: nobody carried it out
  owner_token   text    not null, -- the process that may end it
  owner_host    text    not null,
  owner_pid     integer not null,
  owner_process text    not null, -- tells the process from a later one with the same host and pid
  beat_at       text    not null, -- the owner's last sign of life, by the database's clock
  note          text    not null default '', -- why it failed or was skipped
  primary key (job, due_at)
) strict;
CREATE TABLE hhrecon_finding (
  run_id                integer not null references hhrecon_run (id),
  seq                   integer not null, -- place in the run, from 1: those that were not asked about last time first, then by created_at
  project_id            text    not null,
  payment_id            text    not null,
  outcome               text    not null,
  causes                text    not null, -- why it was flagged, joined with commas; empty for no cause
  merchant_amount       integer not null, -- M: the merchant's row, in minor units
  initial_amount        integer,          -- I: what creation asked for
  old_amount            integer,          -- O: before an appeal
  amount                integer,          -- A: what the customer really paid, as far as HighHelp knows
  currency              text    not null, -- ISO 4217
  status_before         text    not null, -- the merchant's row as it was read, down to updated_at
  sub_status_before     text,
  settled_amount_before integer,
  lifetime              integer,          -- seconds
  created_at            text    not null,
  updated_at            text    not null,
  provider_status       text,             -- HighHelp's; null where there was no answer that can be trusted
  provider_sub_status   text,
  request_id            text,
  expires_at            text,             -- expiration_date, as HighHelp gave it
  status_after          text    not null, -- the merchant's row as it should be; correction says whether it is
  sub_status_after      text,
  settled_amount_after  integer,
  correction            text    not null check (correction in ('none', 'applied', 'superseded', 'dry_run', 'held', 'refused')),
  corrected_at          text,             -- when the correction was written: updated_at as the row has it then
  harmful               integer not null, -- a correction into decline, error or dispute
  result                text    not null, -- answered, not_found, refused, unreachable or not_asked
  answer                text,             -- HighHelp's, as received
  reason                text    not null, -- one sentence
  checked_at            text,             -- when the answer, or the last failure, came
  chain_seq             integer not null, -- place in the project's audit trail, from 1, without gaps
  hash                  text    not null, -- SHA-256, in hexadecimal, over the hash of the entry before and all columns
  primary key (run_id, seq)
) strict;
INSERT INTO "hhrecon_finding" VALUES(1,1,'57aff4db-b45d-42bf-bc5f-b7a499a01782','appeal','different_amount','appeal',5000,5000,5000,3000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','success',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','different_amount',3000,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "appeal", "payment_info": {"amount": 3000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp has 30.00 KGS where the merchant''s row has 50.00 KGS (-40.0 %): an appeal changed 50.00 KGS to 30.00 KGS.','2026-11-30T02:41:03.466422Z',1,'9948014a44f2c7865a50ba824bb8a195767932f60de555e3577496b8656f6ec3');
INSERT INTO "hhrecon_finding" VALUES(1,2,'57aff4db-b45d-42bf-bc5f-b7a499a01782','confirm','timeout','appeal,confirm_timeout',5000,5000,5000,4900,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','dispute','confirm_timeout','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','confirm_timeout',NULL,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "dispute", "sub_status": "confirm_timeout", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "confirm", "payment_info": {"amount": 4900, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The time to confirm the payment ran out; HighHelp has 49.00 KGS where the merchant''s row has 50.00 KGS (-2.0 %): an appeal changed 50.00 KGS to 49.00 KGS.','2026-11-30T02:41:03.483984Z',2,'27c890788d52a26c97451378e120aa20ad48e7088c12a216710c9c3c05216e9d');
INSERT INTO "hhrecon_finding" VALUES(1,3,'57aff4db-b45d-42bf-bc5f-b7a499a01782','cur','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'pending',NULL,NULL,'none',NULL,0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "cur", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "RUB", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The answer cannot be trusted: its currency is "RUB", the merchant''s row has "KGS".','2026-11-30T02:41:03.521524Z',3,'5b382aa4871b353903a6d0deafdc9aabf7ed6fa76b41f76fcf80069f692bcc1b');
INSERT INTO "hhrecon_finding" VALUES(1,4,'57aff4db-b45d-42bf-bc5f-b7a499a01782','declined','declined','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','decline',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'decline',NULL,NULL,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "decline", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "declined"}','HighHelp declined this payin.','2026-11-30T02:41:03.497698Z',4,'cb7d841f7964ad5c9fd8e5d7f6b70df4b6ec03fc05bec922f483398a2b7aee09');
INSERT INTO "hhrecon_finding" VALUES(1,5,'57aff4db-b45d-42bf-bc5f-b7a499a01782','disputed','disputed','',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','dispute','incorrect_requisites','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','incorrect_requisites',NULL,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "dispute", "sub_status": "incorrect_requisites", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "disputed", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp holds this payin in dispute (incorrect_requisites).','2026-11-30T02:41:03.534903Z',5,'4a87c87faf39d67d11b7aa11036acfbd244675bfd12ab54043741d8249ce2a44');
INSERT INTO "hhrecon_finding" VALUES(1,6,'57aff4db-b45d-42bf-bc5f-b7a499a01782','down','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'refused','{"status":"error","message":"busy: try \"later\""}','HighHelp gave no answer that can be trusted: payin info "down": HighHelp refuses the request: HTTP 422 "busy: try \"later\"".','2026-11-30T02:41:03.529244Z',6,'1f5437c601224b20523f5ddc71651eb0d28eae3a76828a8485e7fe458c24393c');
INSERT INTO "hhrecon_finding" VALUES(1,7,'57aff4db-b45d-42bf-bc5f-b7a499a01782','gone','not_found','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'not_found','{"status": "error", "status_description": "payment not found"}','HighHelp does not know this payin.','2026-11-30T02:41:03.565136Z',7,'0668c65d14f9a441213e1fb153c0081440dea4cb9a8a87fa962d95a4620b6002');
INSERT INTO "hhrecon_finding" VALUES(1,9,'57aff4db-b45d-42bf-bc5f-b7a499a01782','nopay','timeout','no_payment',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','dispute','no_payment','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','no_payment',NULL,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "dispute", "sub_status": "no_payment", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "nopay", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The customer did not pay within the lifetime.','2026-11-30T02:41:03.594735Z',8,'7db514e8b549a05e9b9a4ecd943b64e75e17a3b462a6125a288a6897cddab88a');
INSERT INTO "hhrecon_finding" VALUES(1,10,'57aff4db-b45d-42bf-bc5f-b7a499a01782','ok1','confirmed','',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','success',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','success',NULL,5000,'applied','2026-11-30T02:41:04.435452Z',0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ok1", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','Paid as asked: 50.00 KGS.','2026-11-30T02:41:03.614502Z',9,'c1c124ab089bff8d3cac7a4da8629ce962a3abe498874fb597d80d85a79e914d');
INSERT INTO "hhrecon_finding" VALUES(1,11,'57aff4db-b45d-42bf-bc5f-b7a499a01782','ok2','confirmed','',700000,700000,700000,700000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','success',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','success',NULL,700000,'applied','2026-11-30T02:41:04.435452Z',0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ok2", "payment_info": {"amount": 700000, "old_amount": 700000, "initial_amount": 700000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','Paid as asked: 7 000.00 KGS.','2026-11-30T02:41:03.655013Z',10,'2feba69922683f6ff8a334fbc636b11f309babf235217e41279811d3e8ea2584');
INSERT INTO "hhrecon_finding" VALUES(1,12,'57aff4db-b45d-42bf-bc5f-b7a499a01782','other','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'pending',NULL,NULL,'none',NULL,0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ANOTHER \"ONE\"", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The answer cannot be trusted: it is about another payment_id, "ANOTHER \"ONE\"".','2026-11-30T02:41:03.634393Z',11,'92a5f67baca0691d4b095e16066e5585075a7826d5dc4ff31e687931ee4801a5');
INSERT INTO "hhrecon_finding" VALUES(1,13,'57aff4db-b45d-42bf-bc5f-b7a499a01782','overdue','timeout','overdue',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','processing','paid','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','processing','paid',NULL,'applied','2026-11-30T02:41:04.435452Z',0,'answered','{"status": "processing", "sub_status": "paid", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "overdue", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp never closed this payin (processing: paid), 2 hours after it expired.','2026-11-30T02:41:03.674974Z',12,'ee6ed4d7d46f61d3892652e07a66621d6eb4257629f3859ec78169c9744bd214');
INSERT INTO "hhrecon_finding" VALUES(1,14,'57aff4db-b45d-42bf-bc5f-b7a499a01782','pending','pending','',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','processing','awaiting_confirm','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T03:40:50.000000Z','processing','awaiting_confirm',NULL,'applied','2026-11-30T02:41:04.435452Z',0,'answered','{"status": "processing", "sub_status": "awaiting_confirm", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "pending", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1796010050}}','Still under way at HighHelp (awaiting_confirm).','2026-11-30T02:41:03.694120Z',13,'697324216df49c5c95ed558323773662ec841d2434c6ad46e82614ed27577dda');
INSERT INTO "hhrecon_finding" VALUES(1,15,'57aff4db-b45d-42bf-bc5f-b7a499a01782','provider','different_amount','provider',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','dispute','different_amount','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','different_amount',NULL,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "dispute", "sub_status": "different_amount", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "provider", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp reports a different amount, though its amounts equal the merchant''s 50.00 KGS.','2026-11-30T02:41:03.727701Z',14,'6adcd46e647575c39955a6cb6323232507fc1cd70494fa1838aa550afa9643fc');
INSERT INTO "hhrecon_finding" VALUES(1,16,'57aff4db-b45d-42bf-bc5f-b7a499a01782','rejected','rejected','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','error',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'error',NULL,NULL,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "error", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "rejected"}','HighHelp ended this payin with an error; it must not be credited.','2026-11-30T02:41:03.736649Z',15,'f4334398aa3579890c703e82cb21086dc62437de4c94ec408f6d2081109b0fd1');
INSERT INTO "hhrecon_finding" VALUES(1,17,'57aff4db-b45d-42bf-bc5f-b7a499a01782','steps','different_amount','appeal,reprice,record',5000,3000,4000,3500,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','success',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','different_amount',3500,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "steps", "payment_info": {"amount": 3500, "old_amount": 4000, "initial_amount": 3000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp has 35.00 KGS where the merchant''s row has 50.00 KGS (-30.0 %): HighHelp was asked for 30.00 KGS, the application was changed to 40.00 KGS before any appeal, an appeal changed 40.00 KGS to 35.00 KGS.','2026-11-30T02:41:03.754500Z',16,'75a98a5d8ead70cc0c84ec3e1b35cfd9f918c82e72720f84e7e3acbf81179785');
INSERT INTO "hhrecon_finding" VALUES(1,18,'57aff4db-b45d-42bf-bc5f-b7a499a01782','tomorrow','disputed','',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','dispute','of_tomorrow','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','of_tomorrow',NULL,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "dispute", "sub_status": "of_tomorrow", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "tomorrow", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp holds this payin in dispute (of_tomorrow); the sub-status "of_tomorrow" is new to us.','2026-11-30T02:41:03.774465Z',17,'aadf3bdaf8001aa81df5ca73a1543128c5619f298b7db9cc6d317585fec1c6c0');
INSERT INTO "hhrecon_finding" VALUES(1,19,'57aff4db-b45d-42bf-bc5f-b7a499a01782','units','different_amount','record',5000,500000,500000,500000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','success',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','different_amount',500000,'applied','2026-11-30T02:41:04.435452Z',1,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "units", "payment_info": {"amount": 500000, "old_amount": 500000, "initial_amount": 500000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp has 5 000.00 KGS where the merchant''s row has 50.00 KGS (+9900.0 %): HighHelp was asked for 5 000.00 KGS (100 times as much: minor and major units were mixed up).','2026-11-30T02:41:03.816738Z',18,'85864db1d68f6393fc6a688cd848133137ff6ebe7f9e820046a90d9fa6b4bd66');
INSERT INTO "hhrecon_finding" VALUES(1,20,'57aff4db-b45d-42bf-bc5f-b7a499a01782','weird','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'refused','{"status":5}','HighHelp gave no answer that can be trusted: payin info "weird": HighHelp''s answer is not in the documented form: HTTP 200: status: a number where a string belongs.','2026-11-30T02:41:03.795474Z',19,'ff3f8b126c70a42c1948457b7407291075f3c4109a1a1417da5e958b60742a83');
INSERT INTO "hhrecon_finding" VALUES(1,8,'57aff4db-b45d-42bf-bc5f-b7a499a01782','html','unreachable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'unreachable','<html>busy</html>','No usable answer from HighHelp: payin info "html": HighHelp unreachable after 3 tries: HTTP 200: not JSON: invalid character ''<'' looking for beginning of value: the next try, in 2.336s, would come after the call''s limit of 3s.','2026-11-30T02:41:04.922540Z',20,'89df53f20918f20c9b13d2b04fe648461a6cee22bce5658db892480de233ee4e');
INSERT INTO "hhrecon_finding" VALUES(2,1,'57aff4db-b45d-42bf-bc5f-b7a499a01782','confirm','timeout','appeal,confirm_timeout',5000,5000,5000,4900,'KGS','dispute','confirm_timeout',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','dispute','confirm_timeout','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','confirm_timeout',NULL,'none',NULL,0,'answered','{"status": "dispute", "sub_status": "confirm_timeout", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "confirm", "payment_info": {"amount": 4900, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The time to confirm the payment ran out; HighHelp has 49.00 KGS where the merchant''s row has 50.00 KGS (-2.0 %): an appeal changed 50.00 KGS to 49.00 KGS.','2026-11-30T02:41:05.495952Z',23,'404a070e2e34eb354a26b76c6d3329eef0a1a817ea32d0380b2d4ad41ffa4070');
INSERT INTO "hhrecon_finding" VALUES(2,2,'57aff4db-b45d-42bf-bc5f-b7a499a01782','cur','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'pending',NULL,NULL,'none',NULL,0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "cur", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "RUB", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The answer cannot be trusted: its currency is "RUB", the merchant''s row has "KGS".','2026-11-30T02:41:05.529184Z',24,'54fc0cf797be88e05eada89cf0268497073c565d5ba13df303f15ac487c3aa2f');
INSERT INTO "hhrecon_finding" VALUES(2,3,'57aff4db-b45d-42bf-bc5f-b7a499a01782','declined','declined','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z','decline',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'decline',NULL,NULL,'held',NULL,1,'answered','{"status": "decline", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "declined"}','HighHelp declined this payin.','2026-11-30T02:41:05.507774Z',25,'2f70b7d4756414f8d3df4e77fdf915700ba963bdb720a8ae20f897e74bd28c34');
INSERT INTO "hhrecon_finding" VALUES(2,4,'57aff4db-b45d-42bf-bc5f-b7a499a01782','disputed','disputed','',5000,5000,5000,5000,'KGS','dispute','incorrect_requisites',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','dispute','incorrect_requisites','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','incorrect_requisites',NULL,'none',NULL,0,'answered','{"status": "dispute", "sub_status": "incorrect_requisites", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "disputed", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp holds this payin in dispute (incorrect_requisites).','2026-11-30T02:41:05.507750Z',26,'994a937ec016ba7a3918e407460112ed500048f21cfca3a05d6005f9aefff27f');
INSERT INTO "hhrecon_finding" VALUES(2,5,'57aff4db-b45d-42bf-bc5f-b7a499a01782','down','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'refused','{"status":"error","message":"busy: try \"later\""}','HighHelp gave no answer that can be trusted: payin info "down": HighHelp refuses the request: HTTP 422 "busy: try \"later\"".','2026-11-30T02:41:05.543263Z',27,'2cab2ec2dbcae789d0ab175f1256599c74049f39ba534e89974364df1508e910');
INSERT INTO "hhrecon_finding" VALUES(2,6,'57aff4db-b45d-42bf-bc5f-b7a499a01782','gone','not_found','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'not_found','{"status": "error", "status_description": "payment not found"}','HighHelp does not know this payin.','2026-11-30T02:41:05.562402Z',28,'ed3a94dba133ccce027f95ad454781bcf8ca4999bc6d52157d9528c63d8b7d80');
INSERT INTO "hhrecon_finding" VALUES(2,7,'57aff4db-b45d-42bf-bc5f-b7a499a01782','html','unreachable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'unreachable','<html>busy</html>','No usable answer from HighHelp: payin info "html": HighHelp unreachable after 3 tries: HTTP 200: not JSON: invalid character ''<'' looking for beginning of value: the next try, in 2.156s, would come after the call''s limit of 3s.','2026-11-30T02:41:07.405867Z',29,'5039700a2ff3bd6d183730593b82778272bfb9d45b3c7a84c60c02d6a3e98284');
INSERT INTO "hhrecon_finding" VALUES(2,8,'57aff4db-b45d-42bf-bc5f-b7a499a01782','nopay','timeout','no_payment',5000,5000,5000,5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','dispute','no_payment','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','no_payment',NULL,'held',NULL,1,'answered','{"status": "dispute", "sub_status": "no_payment", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "nopay", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The customer did not pay within the lifetime.','2026-11-30T02:41:05.602586Z',30,'c3a4937db2903f51759f2fe89af5a833d6451338430786d635dce7fcab9fbf3c');
INSERT INTO "hhrecon_finding" VALUES(2,9,'57aff4db-b45d-42bf-bc5f-b7a499a01782','other','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'pending',NULL,NULL,'none',NULL,0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "ANOTHER \"ONE\"", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','The answer cannot be trusted: it is about another payment_id, "ANOTHER \"ONE\"".','2026-11-30T02:41:05.627204Z',31,'ccc2f7f3241bc275b7ecfaaee3897bf415f1b8a2d21eccb3fdae6bb70872a71d');
INSERT INTO "hhrecon_finding" VALUES(2,10,'57aff4db-b45d-42bf-bc5f-b7a499a01782','overdue','timeout','overdue',5000,5000,5000,5000,'KGS','processing','paid',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','processing','paid','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','processing','paid',NULL,'none',NULL,0,'answered','{"status": "processing", "sub_status": "paid", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "overdue", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp never closed this payin (processing: paid), 2 hours after it expired.','2026-11-30T02:41:05.662475Z',32,'eea077a0f4959e4b223db3a6182eeded10636a0515e7d014fdd04f842bb6bebe');
INSERT INTO "hhrecon_finding" VALUES(2,11,'57aff4db-b45d-42bf-bc5f-b7a499a01782','pending','pending','',5000,5000,5000,5000,'KGS','processing','awaiting_confirm',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','processing','awaiting_confirm','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T03:40:50.000000Z','processing','awaiting_confirm',NULL,'none',NULL,0,'answered','{"status": "processing", "sub_status": "awaiting_confirm", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "pending", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1796010050}}','Still under way at HighHelp (awaiting_confirm).','2026-11-30T02:41:05.782271Z',33,'25f7d2b0aa7e0949bbbf79ca55f1fc8f46218ae787261e4af97802188db57496');
INSERT INTO "hhrecon_finding" VALUES(2,12,'57aff4db-b45d-42bf-bc5f-b7a499a01782','provider','different_amount','provider',5000,5000,5000,5000,'KGS','dispute','different_amount',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','dispute','different_amount','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','different_amount',NULL,'none',NULL,0,'answered','{"status": "dispute", "sub_status": "different_amount", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "provider", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp reports a different amount, though its amounts equal the merchant''s 50.00 KGS.','2026-11-30T02:41:05.643589Z',34,'b1eea4dbb0d477bcd105edae9abcf9d66eca3ba60cd693866dfcb2eaf93310ca');
INSERT INTO "hhrecon_finding" VALUES(2,13,'57aff4db-b45d-42bf-bc5f-b7a499a01782','rejected','rejected','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','error',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3',NULL,'error',NULL,NULL,'held',NULL,1,'answered','{"status": "error", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "rejected"}','HighHelp ended this payin with an error; it must not be credited.','2026-11-30T02:41:05.682203Z',35,'8af3441ed1e2e4937f4fac9646f46f1478d0ae93ffa05671c55773f6a13bf894');
INSERT INTO "hhrecon_finding" VALUES(2,14,'57aff4db-b45d-42bf-bc5f-b7a499a01782','steps','different_amount','appeal,reprice,record',5000,3000,4000,3500,'KGS','dispute','different_amount',3500,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','success',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','different_amount',3500,'none',NULL,0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "steps", "payment_info": {"amount": 3500, "old_amount": 4000, "initial_amount": 3000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp has 35.00 KGS where the merchant''s row has 50.00 KGS (-30.0 %): HighHelp was asked for 30.00 KGS, the application was changed to 40.00 KGS before any appeal, an appeal changed 40.00 KGS to 35.00 KGS.','2026-11-30T02:41:05.762426Z',36,'742c4aed9621ac7e7b21958ee7268c6eb6db99fd090bce15a08ab7c047800f3b');
INSERT INTO "hhrecon_finding" VALUES(2,15,'57aff4db-b45d-42bf-bc5f-b7a499a01782','tomorrow','disputed','',5000,5000,5000,5000,'KGS','dispute','of_tomorrow',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','dispute','of_tomorrow','16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','of_tomorrow',NULL,'none',NULL,0,'answered','{"status": "dispute", "sub_status": "of_tomorrow", "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "tomorrow", "payment_info": {"amount": 5000, "old_amount": 5000, "initial_amount": 5000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp holds this payin in dispute (of_tomorrow); the sub-status "of_tomorrow" is new to us.','2026-11-30T02:41:05.702228Z',37,'5e0ad6bf53f4e3c831d9f580c4e80e4304fd58d634c9ae6f5145187ad2cdf166');
INSERT INTO "hhrecon_finding" VALUES(2,16,'57aff4db-b45d-42bf-bc5f-b7a499a01782','units','different_amount','record',5000,500000,500000,500000,'KGS','dispute','different_amount',500000,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z','success',NULL,'16a10539-fcb3-4ff5-a3e2-86625a2dc3d3','2026-11-30T00:40:50.000000Z','dispute','different_amount',500000,'none',NULL,0,'answered','{"status": "success", "sub_status": null, "status_description": null, "request_id": "16a10539-fcb3-4ff5-a3e2-86625a2dc3d3", "project_id": "57aff4db-b45d-42bf-bc5f-b7a499a01782", "payment_id": "units", "payment_info": {"amount": 500000, "old_amount": 500000, "initial_amount": 500000, "currency": "KGS", "lifetime": 300, "method": "card-p2p", "widget_method": "payin-p2p-card", "type": "payin", "expiration_date": 1795999250}}','HighHelp has 5 000.00 KGS where the merchant''s row has 50.00 KGS (+9900.0 %): HighHelp was asked for 5 000.00 KGS (100 times as much: minor and major units were mixed up).','2026-11-30T02:41:05.722120Z',38,'654ef794e4a4821e8e4b65e8a1f2622214729211188a6379f1c3ba7dbbc48c6d');
INSERT INTO "hhrecon_finding" VALUES(2,17,'57aff4db-b45d-42bf-bc5f-b7a499a01782','weird','unverifiable','',5000,NULL,NULL,NULL,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z',NULL,NULL,NULL,NULL,'pending',NULL,NULL,'none',NULL,0,'refused','{"status":5}','HighHelp gave no answer that can be trusted: payin info "weird": HighHelp''s answer is not in the documented form: HTTP 200: status: a number where a string belongs.','2026-11-30T02:41:05.742281Z',39,'b24f6a489cb66ccb0bbd7ed2dffc619e24fc2e6210efbf4cb3e88c058948e57d');
CREATE TABLE hhrecon_report (
  id          integer primary key,
  base_id     integer not null references hhrecon_report (id), -- the report that it corrects; its own id where edition is 0
  edition     integer not null, -- 0: the report itself; n: correction n, which has the differences only
  run_id      integer references hhrecon_run (id), -- the run that it is about; null for a period
  project_id  text    not null, -- empty for all projects
  window_from text,             -- of a period: runs that started at or after this …
  window_to   text,             -- … and before this; the year 9999 for no end
  job         text    not null, -- of schedules.yaml, whose period it is; empty otherwise
  made_by     text    not null, -- who had a report sent by hand of a run that had none; empty otherwise. No correction is made to it
  made_at     text    not null,
  unique (base_id, edition),
  check ((edition = 0) = (base_id = id)),
  check ((run_id is null) = (window_from is not null) and (run_id is null) = (window_to is not null))
) strict;
CREATE TABLE hhrecon_report_late (
  report_id integer not null references hhrecon_report (id) on delete cascade,
  run_id    integer not null,
  seq       integer not null,
  primary key (report_id, run_id, seq)
) strict;
CREATE TABLE hhrecon_report_run (
  report_id integer not null references hhrecon_report (id),
  run_id    integer not null references hhrecon_run (id),
  primary key (report_id, run_id)
) strict;
CREATE TABLE hhrecon_run (
  id            integer primary key autoincrement,
  project_id    text    not null,
  state         text    not null check (state in ('running', 'interrupted', 'complete', 'held', 'released', 'discarded')),
  dry_run       integer not null, -- findings are kept, no row is corrected
  whole         integer not null, -- the project's own window; 0 for named payins or a window given by hand
  window_from   text    not null, -- payins created at or after this …
  window_to     text    not null, -- … and before this were selected
  rules         text    not null, -- the project's settings that its payins are judged by, as they were when it was opened; JSON
  started_at    text    not null, -- the run's moment, for all its payins
  closed_at     text,
  owner_token   text    not null, -- the process that may write to this run
  owner_host    text    not null,
  owner_pid     integer not null,
  owner_process text    not null, -- tells the process from a later one with the same host and pid
  beat_at       text    not null, -- the owner's last sign of life, by the database's clock
  selected      integer not null default 0, -- payins selected, open and rechecked
  unresolved    integer not null default 0, -- open payins that left the window
  answered      integer not null default 0, -- payins that HighHelp answered; set with decision
  open          integer not null default 0, -- those of them that a correction could change; set with decision
  changes       integer not null default 0, -- corrections called for; set with decision
  harmful       integer not null default 0, -- those into decline, error or dispute; set with decision
  harmful_sum   integer not null default 0, -- merchant amounts of the harmful ones, minor units
  decision      text    not null default '' check (decision in ('', 'applied', 'dry_run', 'held')), -- empty until weighed
  note          text    not null default '', -- why it was held; set with decision
  broken        text    not null default ''  -- why it broke off last
, origin text not null default 'command' check (origin in ('command', 'schedule', 'page', 'alert')), begun_by text not null default '', due text not null default '', stop_by text not null default '', announce integer not null default 0 check (announce in (0, 1)), thinned_at text) strict;
INSERT INTO "hhrecon_run" VALUES(1,'57aff4db-b45d-42bf-bc5f-b7a499a01782','complete',0,1,'2026-10-31T02:41:03.389831Z','2026-11-30T02:26:03.389831Z','{"grace":900000000000,"different_amount":"hold"}','2026-11-30T02:41:03.390570Z','2026-11-30T02:41:04.934078Z','ZQC4RCUQE4GVZ7O3BWRGDTNQZK','host',29660,'d933a8d4-908f-439c-940e-c006a75fb1d6:pid:[4026531836]/297665','2026-11-30T02:41:04.934000Z',20,0,19,14,14,10,50000,'applied','','','command','','','',0,NULL);
INSERT INTO "hhrecon_run" VALUES(2,'57aff4db-b45d-42bf-bc5f-b7a499a01782','released',0,1,'2026-10-31T02:41:05.427592Z','2026-11-30T02:26:05.427592Z','{"grace":900000000000,"different_amount":"hold"}','2026-11-30T02:41:05.432749Z','2026-11-30T02:41:07.412394Z','TUMM2UGKZDVTLBWU3BJMQJOSQ4','host',29761,'d933a8d4-908f-439c-940e-c006a75fb1d6:pid:[4026531836]/297867','2026-11-30T02:41:07.412000Z',17,0,16,11,3,3,15000,'held','3 of 11 answered open payins would be declined, rejected or disputed, more than the share of 1 %','','command','','','',0,NULL);
CREATE TABLE hhrecon_schema (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "hhrecon_schema" VALUES(1,0,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(2,1,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(3,2,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(4,3,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(5,4,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(6,5,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(7,6,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(8,7,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(9,8,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(10,9,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(11,10,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(12,11,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(13,12,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(14,13,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(15,14,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(16,15,1,'2026-11-30 02:41:03');
INSERT INTO "hhrecon_schema" VALUES(17,16,1,'2026-11-30 02:41:03');
CREATE TABLE hhrecon_selection (
  run_id         integer not null,
  seq            integer not null, -- place in the run, from 1: those that were not asked about last time first, then by created_at
  query          text    not null, -- which query selected it: open_payins.sql or final_payins.sql
  project_id     text,
  payment_id     text,
  amount         integer,          -- the merchant's, in minor units; the merchant's row as it was read
  currency       text,
  status         text,
  sub_status     text,
  settled_amount integer,
  lifetime       integer,          -- seconds
  created_at     text,
  updated_at     text,

  outcome              text,       -- null until judged, as all columns after it
  causes               text,
  initial_amount       integer,
  old_amount           integer,
  paid_amount          integer,    -- what the customer really paid, as far as HighHelp knows, in minor units
  provider_status      text,
  provider_sub_status  text,
  request_id           text,
  expires_at           text,
  status_after         text,       -- what a correction writes; the row's own where nothing changes
  sub_status_after     text,
  settled_amount_after integer,
  changes              integer,    -- there is something to correct
  harmful              integer,    -- a correction into decline, error or dispute
  result               text,
  answer               text,
  reason               text,
  checked_at           text,
  updated_at_after     text,       -- what updated_at becomes; null: the moment of writing. Set only to put a row back
  primary key (run_id, seq)
);
CREATE TABLE hhrecon_session (
  token_hash text primary key, -- SHA-256, in hexadecimal, of the cookie's token: what stands here lets nobody in
  data       blob not null,
  expires_at text not null
) strict;
CREATE TABLE hhrecon_support (
  id         integer primary key,
  project_id text    not null,
  payment_id text    not null,
  word       text    not null, -- what HighHelp said of the payin when it was marked: the mark is about that, and once HighHelp says something else the payin is new again
  state      text    not null check (state in ('new', 'sent', 'answered', 'settled')),
  who        text    not null,
  note       text    not null,
  marked_at  text    not null
) strict;
CREATE TABLE hhrecon_unresolved (
  run_id         integer not null references hhrecon_run (id),
  seq            integer not null, -- place in the list, from 1, by created_at
  project_id     text,
  payment_id     text,
  amount         integer,          -- the merchant's, in minor units; the merchant's row as it was read
  currency       text,
  status         text,
  sub_status     text,
  settled_amount integer,
  lifetime       integer,
  created_at     text,
  updated_at     text,
  primary key (run_id, seq)
);
CREATE TABLE hhrecon_user (
  name     text primary key,
  role     text not null check (role in ('viewer', 'finance', 'admin')),
  hash     text not null, -- of the password: argon2id in the PHC form
  added_at text not null
) strict;
CREATE TABLE payins (
  project_id     text    not null,
  payment_id     text    not null,
  amount         integer not null, -- minor units
  currency       text    not null,
  status         text    not null, -- open: new, pending, processing, dispute, error; final: success, decline
  sub_status     text,
  settled_amount integer,
  lifetime       integer,          -- seconds
  created_at     text    not null check (created_at glob '????-??-??T??:??:??.??????Z'),
  updated_at     text    not null check (updated_at glob '????-??-??T??:??:??.??????Z'),
  primary key (project_id, payment_id)
) strict;
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','ok1',5000,'KGS','success',NULL,5000,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','ok2',700000,'KGS','success',NULL,700000,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','appeal',5000,'KGS','success',NULL,3000,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:05.131435Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','steps',5000,'KGS','dispute','different_amount',3500,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','units',5000,'KGS','dispute','different_amount',500000,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','nopay',5000,'KGS','new',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','confirm',5000,'KGS','dispute','confirm_timeout',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','provider',5000,'KGS','dispute','different_amount',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','disputed',5000,'KGS','dispute','incorrect_requisites',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','tomorrow',5000,'KGS','dispute','of_tomorrow',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','declined',5000,'KGS','decline',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:07.780322Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','rejected',5000,'KGS','error',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:07.780322Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','pending',5000,'KGS','processing','awaiting_confirm',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','overdue',5000,'KGS','processing','paid',NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T02:41:04.435452Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','other',5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','cur',5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','weird',5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','html',5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','down',5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z');
INSERT INTO "payins" VALUES('57aff4db-b45d-42bf-bc5f-b7a499a01782','gone',5000,'KGS','pending',NULL,NULL,300,'2026-11-30T00:41:03.000000Z','2026-11-30T00:41:03.000000Z');
CREATE UNIQUE INDEX hhrecon_run_one_running on hhrecon_run (project_id) where state = 'running';
CREATE UNIQUE INDEX hhrecon_finding_payin on hhrecon_finding (project_id, payment_id, run_id);
CREATE UNIQUE INDEX hhrecon_finding_chain on hhrecon_finding (project_id, chain_seq);
CREATE TRIGGER hhrecon_finding_unchanged before update on hhrecon_finding
begin
  select raise(abort, 'hhrecon_finding is an audit trail: its rows are never changed and never deleted');
end;
CREATE UNIQUE INDEX hhrecon_action_once on hhrecon_action (run_id, seq, kind) where kind = 'release' or result in ('none', 'applied');
CREATE INDEX hhrecon_action_run on hhrecon_action (run_id, chain_seq);
CREATE INDEX hhrecon_action_finding on hhrecon_action (run_id, seq, chain_seq);
CREATE TRIGGER hhrecon_action_unchanged before update on hhrecon_action
begin
  select raise(abort, 'hhrecon_action is an audit trail: its rows are never changed and never deleted');
end;
CREATE UNIQUE INDEX hhrecon_run_due on hhrecon_run (project_id, due) where due <> '';
CREATE INDEX hhrecon_alert_waiting on hhrecon_alert (project_id, id) where state = 'waiting';
CREATE INDEX hhrecon_alert_payin on hhrecon_alert (payment_id);
CREATE INDEX hhrecon_alert_state on hhrecon_alert (project_id, state, received_at);
CREATE INDEX hhrecon_run_whole on hhrecon_run (project_id, id) where whole;
CREATE INDEX hhrecon_due_claimed on hhrecon_due (due_at) where state = 'claimed';
CREATE INDEX hhrecon_session_expires on hhrecon_session (expires_at);
CREATE UNIQUE INDEX hhrecon_report_of_run on hhrecon_report (run_id, (made_by = '')) where run_id is not null;
CREATE UNIQUE INDEX hhrecon_report_of_period on hhrecon_report (job, project_id, window_from, window_to) where edition = 0 and run_id is null;
CREATE INDEX hhrecon_report_run_run on hhrecon_report_run (run_id, report_id);
CREATE UNIQUE INDEX hhrecon_delivery_once on hhrecon_delivery (report_id, folded) where again_by = '';
CREATE INDEX hhrecon_delivery_due on hhrecon_delivery (state, next_at, id);
CREATE INDEX hhrecon_support_payin on hhrecon_support (project_id, payment_id, id);
CREATE INDEX hhrecon_finding_outcome on hhrecon_finding (outcome, run_id, seq);
CREATE INDEX hhrecon_finding_undecided on hhrecon_finding (project_id, payment_id, run_id) where outcome in ('different_amount', 'reversed');
CREATE INDEX hhrecon_run_project on hhrecon_run (project_id, id);
CREATE INDEX hhrecon_run_unended on hhrecon_run (project_id, state) where state in ('running', 'interrupted', 'held');
CREATE INDEX hhrecon_run_no_alert on hhrecon_run (id) where origin <> 'alert';
CREATE INDEX hhrecon_run_announce on hhrecon_run (id) where announce;
CREATE INDEX hhrecon_run_thinned on hhrecon_run (project_id, id) where thinned_at is not null;
CREATE INDEX hhrecon_alert_run on hhrecon_alert (run_id) where run_id is not null;
CREATE INDEX hhrecon_alert_age on hhrecon_alert (project_id, received_at) where state <> 'waiting';
CREATE TRIGGER hhrecon_anchor_begins before insert on hhrecon_anchor
when new.chain_seq <> 0 or new.hash <> ''
begin
  select raise(abort, 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash');
end;
CREATE TRIGGER hhrecon_anchor_forward before update on hhrecon_anchor
when not (new.project_id = old.project_id and (
  new.chain_seq = old.chain_seq and new.hash = old.hash
  or new.chain_seq > old.chain_seq and exists (
    select 1 from hhrecon_finding as f
    where f.project_id = new.project_id and f.chain_seq = new.chain_seq and f.hash = new.hash
    union all
    select 1 from hhrecon_action as a
    where a.project_id = new.project_id and a.chain_seq = new.chain_seq and a.hash = new.hash
  )
))
begin
  select raise(abort, 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash');
end;
CREATE TRIGGER hhrecon_anchor_stays before delete on hhrecon_anchor
begin
  select raise(abort, 'hhrecon_anchor goes forward only, to an entry of the audit trail and with its hash');
end;
CREATE TRIGGER hhrecon_finding_kept before delete on hhrecon_finding
when not exists (select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq)
begin
  select raise(abort, 'hhrecon_finding is an audit trail: its rows are never changed and never deleted');
end;
CREATE TRIGGER hhrecon_action_kept before delete on hhrecon_action
when not exists (select 1 from hhrecon_anchor as a where a.project_id = old.project_id and old.chain_seq between 1 and a.chain_seq)
begin
  select raise(abort, 'hhrecon_action is an audit trail: its rows are never changed and never deleted');
end;
CREATE INDEX hhrecon_report_late_finding on hhrecon_report_late (run_id, seq, report_id);
CREATE INDEX payins_open on payins (project_id, status, created_at);
CREATE INDEX payins_updated on payins (project_id, updated_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('hhrecon_schema',17);
INSERT INTO "sqlite_sequence" VALUES('hhrecon_run',2);
COMMIT;
