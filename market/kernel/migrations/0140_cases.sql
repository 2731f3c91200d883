-- Cases against firms: facts, notice, defence, a decision by another person, appeal, repair; and the measures decided.

CREATE SEQUENCE conduct_case_number;

CREATE TABLE conduct_case (
    id uuid PRIMARY KEY,
    number text NOT NULL CONSTRAINT conduct_case_number_once UNIQUE,
    -- The firm.
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    authority_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    violation text NOT NULL CONSTRAINT conduct_case_violation CHECK (violation IN (
        'sign_refused', 'poor_performance', 'undisclosed_change', 'expired_certificate', 'overcharge', 'illegal_subcontract',
        'fraud', 'collusion', 'repeated_complaints', 'other')),
    origin text NOT NULL CONSTRAINT conduct_case_origin CHECK (origin IN ('hand', 'event', 'flag', 'complaint')),
    event_id uuid REFERENCES credit_event (id) ON DELETE RESTRICT,
    flag_id uuid REFERENCES flag (id) ON DELETE RESTRICT,
    complaint_id uuid REFERENCES complaint (id) ON DELETE RESTRICT,
    project_number text,
    rulebook_version text NOT NULL,
    facts text NOT NULL CONSTRAINT conduct_case_facts CHECK (facts <> ''),
    legal_cause text NOT NULL CONSTRAINT conduct_case_legal_cause CHECK (legal_cause <> ''),
    occurred_on date NOT NULL,
    recorded_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL,
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    notice_due_at timestamptz NOT NULL,
    -- The notice: what is considered, and until when the firm may state and defend.
    proposed_measure text CONSTRAINT conduct_case_proposed_measure CHECK (
        proposed_measure IN ('reminder', 'talk', 'warning', 'pause', 'removal', 'restricted')),
    proposed_months integer CONSTRAINT conduct_case_proposed_months CHECK (proposed_months > 0),
    notified_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    notified_at timestamptz,
    defence_due_at timestamptz,
    decision_due_at timestamptz,
    -- A firm that asked for it is heard before anything is decided against it.
    hearing_asked_at timestamptz,
    hearing_at timestamptz,
    hearing_place text NOT NULL DEFAULT '',
    heard_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    heard_at timestamptz,
    hearing_minutes text NOT NULL DEFAULT '',
    outcome text CONSTRAINT conduct_case_outcome CHECK (outcome IN ('founded', 'unfounded')),
    reasons text NOT NULL DEFAULT '',
    safety boolean NOT NULL DEFAULT false,
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    decision_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    -- The decision in the firm's hands; nothing is published before.
    served_at timestamptz,
    published_at timestamptz,
    publish_until timestamptz,
    unpublished_at timestamptz,
    appeal_due_at timestamptz,
    appeal text NOT NULL DEFAULT '',
    appealed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    appealed_at timestamptz,
    appeal_decision_due_at timestamptz,
    appeal_outcome text CONSTRAINT conduct_case_appeal_outcome CHECK (appeal_outcome IN ('upheld', 'changed', 'annulled')),
    appeal_reasons text NOT NULL DEFAULT '',
    appeal_decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    appeal_decided_at timestamptz,
    appeal_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT conduct_case_source CHECK (
        (origin = 'event') = (event_id IS NOT NULL) AND (origin = 'flag') = (flag_id IS NOT NULL)
        AND (origin = 'complaint') = (complaint_id IS NOT NULL)),
    CONSTRAINT conduct_case_happened_before CHECK (occurred_on <= (recorded_at AT TIME ZONE 'Asia/Shanghai')::date),
    CONSTRAINT conduct_case_notified CHECK (
        (notified_at IS NULL) = (notified_by IS NULL) AND (notified_at IS NULL) = (defence_due_at IS NULL)
        AND (notified_at IS NULL) = (proposed_measure IS NULL) AND (notified_at IS NULL) = (decision_due_at IS NULL)
        AND recorded_at <= notified_at AND notified_at < defence_due_at),
    CONSTRAINT conduct_case_proposed_term CHECK (
        (proposed_months IS NOT NULL) = coalesce(proposed_measure IN ('pause', 'removal', 'restricted'), false)),
    CONSTRAINT conduct_case_heard CHECK (
        (hearing_asked_at IS NULL OR notified_at IS NOT NULL) AND (hearing_at IS NULL OR hearing_asked_at IS NOT NULL)
        AND (hearing_at IS NULL) = (hearing_place = '') AND (heard_at IS NULL) = (hearing_minutes = '')
        AND (heard_at IS NULL) = (heard_by IS NULL) AND (heard_at IS NULL OR heard_at >= hearing_at)),
    CONSTRAINT conduct_case_decided CHECK (
        (decided_at IS NULL) = (outcome IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)
        AND (decided_at IS NULL) = (reasons = '') AND (decided_at IS NULL) = (decision_entry_id IS NULL)
        AND (decided_at IS NULL) = (served_at IS NULL)),
    -- Whoever recorded the facts does not judge them, and whoever judged does not judge again.
    CONSTRAINT conduct_case_decided_by_another CHECK (decided_by <> recorded_by),
    CONSTRAINT conduct_case_appeal_decided_by_a_third CHECK (
        appeal_decided_by <> recorded_by AND appeal_decided_by <> decided_by),
    CONSTRAINT conduct_case_defended_before CHECK (
        outcome IS NULL OR outcome = 'unfounded' OR (defence_due_at IS NOT NULL AND decided_at >= defence_due_at)),
    CONSTRAINT conduct_case_heard_before CHECK (
        outcome IS NULL OR outcome = 'unfounded' OR hearing_asked_at IS NULL OR heard_at IS NOT NULL),
    CONSTRAINT conduct_case_published_after_served CHECK (
        (published_at IS NULL) = (publish_until IS NULL)
        AND (published_at IS NULL OR (outcome = 'founded' AND published_at >= served_at))
        AND (unpublished_at IS NULL OR published_at IS NOT NULL)),
    CONSTRAINT conduct_case_appealed CHECK (
        (outcome IS NOT DISTINCT FROM 'founded') = (appeal_due_at IS NOT NULL) AND (appealed_at IS NULL) = (appeal = '')
        AND (appealed_at IS NULL) = (appealed_by IS NULL) AND (appealed_at IS NULL) = (appeal_decision_due_at IS NULL)
        AND (appealed_at IS NULL OR (appeal_due_at IS NOT NULL AND appealed_at < appeal_due_at))),
    CONSTRAINT conduct_case_appeal_decided CHECK (
        (appeal_decided_at IS NULL) = (appeal_outcome IS NULL) AND (appeal_decided_at IS NULL) = (appeal_decided_by IS NULL)
        AND (appeal_decided_at IS NULL) = (appeal_reasons = '') AND (appeal_decided_at IS NULL) = (appeal_entry_id IS NULL)
        AND (appeal_decided_at IS NULL OR appealed_at IS NOT NULL)),
    CONSTRAINT conduct_case_annulled_is_hidden CHECK (
        appeal_outcome IS DISTINCT FROM 'annulled' OR published_at IS NULL OR unpublished_at IS NOT NULL)
);
CREATE UNIQUE INDEX conduct_case_of_event_once ON conduct_case (event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX conduct_case_of_flag_once ON conduct_case (flag_id, organisation_id) WHERE flag_id IS NOT NULL;
CREATE UNIQUE INDEX conduct_case_of_complaint_once ON conduct_case (complaint_id, organisation_id) WHERE complaint_id IS NOT NULL;
CREATE INDEX conduct_case_of_organisation ON conduct_case (organisation_id, recorded_at);
CREATE INDEX conduct_case_undecided ON conduct_case (recorded_at) WHERE decided_at IS NULL;
CREATE INDEX conduct_case_appeals ON conduct_case (appealed_at) WHERE appealed_at IS NOT NULL AND appeal_decided_at IS NULL;
CREATE INDEX conduct_case_published ON conduct_case (published_at DESC) WHERE unpublished_at IS NULL AND published_at IS NOT NULL;

-- What was recorded and what was decided stays: neither can be given to another person afterwards.
CREATE FUNCTION keep_conduct_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number, NEW.organisation_id, NEW.violation, NEW.event_id, NEW.facts, NEW.occurred_on, NEW.recorded_by,
            NEW.recorded_at, NEW.entry_id)
        IS DISTINCT FROM (OLD.number, OLD.organisation_id, OLD.violation, OLD.event_id, OLD.facts, OLD.occurred_on,
            OLD.recorded_by, OLD.recorded_at, OLD.entry_id)
        OR (OLD.notified_at IS NOT NULL
            AND (NEW.notified_by, NEW.notified_at, NEW.defence_due_at) IS DISTINCT FROM (OLD.notified_by, OLD.notified_at, OLD.defence_due_at))
        OR (OLD.decided_at IS NOT NULL
            AND (NEW.outcome, NEW.reasons, NEW.decided_by, NEW.decided_at, NEW.appeal_due_at)
                IS DISTINCT FROM (OLD.outcome, OLD.reasons, OLD.decided_by, OLD.decided_at, OLD.appeal_due_at))
        OR (OLD.appeal_decided_at IS NOT NULL
            AND (NEW.appeal_outcome, NEW.appeal_reasons, NEW.appeal_decided_by, NEW.appeal_decided_at)
                IS DISTINCT FROM (OLD.appeal_outcome, OLD.appeal_reasons, OLD.appeal_decided_by, OLD.appeal_decided_at)) THEN
        RAISE EXCEPTION 'case %: what was recorded or decided stays', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER conduct_case_stays BEFORE UPDATE ON conduct_case FOR EACH ROW EXECUTE FUNCTION keep_conduct_case();
CREATE TRIGGER conduct_case_is_kept BEFORE DELETE OR TRUNCATE ON conduct_case
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Files of each step; the evidence is all that may be used against the firm.
CREATE TABLE conduct_case_file (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES conduct_case (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    step text NOT NULL CONSTRAINT conduct_case_file_step CHECK (step IN ('evidence', 'defence', 'hearing', 'appeal', 'repair')),
    added_at timestamptz NOT NULL,
    CONSTRAINT conduct_case_file_once UNIQUE (case_id, file_id)
);
-- Register entries that prove the facts.
CREATE TABLE conduct_case_proof (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES conduct_case (id) ON DELETE RESTRICT,
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    added_at timestamptz NOT NULL,
    CONSTRAINT conduct_case_proof_once UNIQUE (case_id, entry_id)
);

-- What the firm says for itself before the decision; as often as it likes within its time.
CREATE TABLE conduct_case_statement (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES conduct_case (id) ON DELETE RESTRICT,
    text text NOT NULL CONSTRAINT conduct_case_statement_text CHECK (text <> ''),
    stated_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    stated_at timestamptz NOT NULL,
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT
);
CREATE INDEX conduct_case_statement_of ON conduct_case_statement (case_id, stated_at);

-- Neither evidence nor statements come after the moment up to which they count.
CREATE FUNCTION check_conduct_case_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found conduct_case;
BEGIN
    SELECT * INTO found FROM conduct_case WHERE id = NEW.case_id;
    IF TG_TABLE_NAME = 'conduct_case_statement' THEN
        IF found.notified_at IS NULL OR NEW.stated_at >= found.defence_due_at OR found.decided_at IS NOT NULL THEN
            RAISE EXCEPTION 'case %: not the time to state', found.number USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF found.notified_at < NEW.added_at AND (TG_TABLE_NAME = 'conduct_case_proof' OR to_jsonb(NEW) ->> 'step' = 'evidence') THEN
        RAISE EXCEPTION 'case %: no evidence after the notice', found.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER conduct_case_statement_in_time BEFORE INSERT OR UPDATE ON conduct_case_statement
    FOR EACH ROW EXECUTE FUNCTION check_conduct_case_time();
CREATE TRIGGER conduct_case_file_in_time BEFORE INSERT OR UPDATE ON conduct_case_file
    FOR EACH ROW EXECUTE FUNCTION check_conduct_case_time();
CREATE TRIGGER conduct_case_proof_in_time BEFORE INSERT OR UPDATE ON conduct_case_proof
    FOR EACH ROW EXECUTE FUNCTION check_conduct_case_time();

-- The measure that a decision imposes. Without a term it does not bar.
CREATE TABLE case_measure (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES conduct_case (id) ON DELETE RESTRICT,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    kind text NOT NULL CONSTRAINT case_measure_kind CHECK (
        kind IN ('reminder', 'talk', 'warning', 'pause', 'removal', 'restricted')),
    months integer CONSTRAINT case_measure_months CHECK (months > 0),
    -- A message id: what it was decided for.
    reason text NOT NULL CONSTRAINT case_measure_reason CHECK (reason <> ''),
    from_at timestamptz NOT NULL,
    until_at timestamptz,
    list_entry_id uuid REFERENCES list_entry (id) ON DELETE RESTRICT,
    ended_at timestamptz,
    ended_why text CONSTRAINT case_measure_ended_why CHECK (ended_why IN ('changed', 'annulled', 'repaired')),
    CONSTRAINT case_measure_term CHECK (
        (months IS NULL) = (until_at IS NULL) AND (months IS NOT NULL) = (kind IN ('pause', 'removal', 'restricted'))
        AND from_at < until_at),
    CONSTRAINT case_measure_listed CHECK ((kind = 'restricted') = (list_entry_id IS NOT NULL)),
    CONSTRAINT case_measure_ended CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE UNIQUE INDEX case_measure_in_force_once ON case_measure (case_id) WHERE ended_at IS NULL;
CREATE INDEX case_measure_bars ON case_measure (organisation_id, until_at) WHERE ended_at IS NULL AND until_at IS NOT NULL;

CREATE TABLE case_repair (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES conduct_case (id) ON DELETE RESTRICT,
    correction text NOT NULL CONSTRAINT case_repair_correction CHECK (correction <> ''),
    pledge text NOT NULL CONSTRAINT case_repair_pledge CHECK (pledge <> ''),
    asked_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    outcome text CONSTRAINT case_repair_outcome CHECK (outcome IN ('granted', 'refused')),
    reasons text NOT NULL DEFAULT '',
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT case_repair_decided CHECK (
        (decided_at IS NULL) = (outcome IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)
        AND (decided_at IS NULL) = (reasons = '') AND (decided_at IS NULL) = (entry_id IS NULL))
);
CREATE UNIQUE INDEX case_repair_open_once ON case_repair (case_id) WHERE decided_at IS NULL;
