-- Ratings, credit events, lists.

-- Opened by the acceptance of a delivery: until `due_at` owner and agency may rate each other, once each.
CREATE TABLE rating_window (
    project_id uuid PRIMARY KEY REFERENCES project (id) ON DELETE RESTRICT,
    owner_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    -- When the ratings were shown to everybody: both were in, or the window was over.
    revealed_at timestamptz,
    CONSTRAINT rating_window_term CHECK (opened_at < due_at)
);
CREATE INDEX rating_window_due ON rating_window (due_at) WHERE revealed_at IS NULL;
CREATE INDEX rating_window_of_owner ON rating_window (owner_id) WHERE revealed_at IS NULL;
CREATE INDEX rating_window_of_agency ON rating_window (agency_id) WHERE revealed_at IS NULL;

CREATE TABLE rating (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    -- Who rates: the owner rates the agency, the agency rates the owner; once a project each.
    side text NOT NULL CONSTRAINT rating_side CHECK (side IN ('owner', 'agency')),
    rater_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    rated_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- {"quality": 1…5, …}: one mark for each dimension that the rulebook names for this side.
    marks jsonb NOT NULL,
    -- Mean of the marks in hundredths (100 … 500), half up.
    overall integer NOT NULL CONSTRAINT rating_overall CHECK (overall BETWEEN 100 AND 500),
    reasons text NOT NULL,
    -- Rater and rated belonged together when the rating was given: shown, but never counted.
    affiliated boolean NOT NULL,
    rated_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    rated_at timestamptz NOT NULL,
    -- Shown once both sides rated or the window is over; the register entry that shows it is the evidence of credit.
    revealed_at timestamptz,
    revealed_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    -- A low rating opens a right of reply; it counts only after this moment.
    reply_due_at timestamptz,
    reply text NOT NULL DEFAULT '',
    replied_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    replied_at timestamptz,
    settled_at timestamptz,
    CONSTRAINT rating_once UNIQUE (project_id, side),
    CONSTRAINT rating_revealed_with_entry CHECK ((revealed_at IS NULL) = (revealed_entry_id IS NULL)),
    CONSTRAINT rating_replied CHECK ((replied_at IS NULL) = (reply = ''))
);
CREATE INDEX rating_of ON rating (rated_id, rated_at DESC);
CREATE INDEX rating_reply_due ON rating (reply_due_at) WHERE reply_due_at IS NOT NULL AND settled_at IS NULL;

-- Dated events; the score is a pure function of them. Never changed, never deleted: a correction is another event.
CREATE TABLE credit_event (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    kind text NOT NULL,
    -- Hundredths of points, negative for deductions.
    points integer NOT NULL,
    rulebook_version text NOT NULL,
    rule text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    -- The register entry that proves it.
    evidence_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    project_number text,
    cancels uuid CONSTRAINT credit_event_cancelled_once UNIQUE REFERENCES credit_event (id) ON DELETE RESTRICT,
    CONSTRAINT credit_event_once UNIQUE (evidence_id, kind, organisation_id),
    CONSTRAINT credit_event_recorded_after CHECK (occurred_at <= recorded_at),
    CONSTRAINT credit_event_term CHECK (occurred_at < valid_until),
    CONSTRAINT credit_event_correction CHECK ((kind = 'correction') = (cancels IS NOT NULL))
);
CREATE INDEX credit_event_of ON credit_event (organisation_id, occurred_at);
CREATE TRIGGER credit_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One row for each organisation with events: the row that parallel jobs lock, what the score was when it was last
-- computed, and when it will next change by itself because an event expires.
CREATE TABLE credit_account (
    organisation_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT,
    -- Hundredths of points.
    points integer NOT NULL,
    computed_at timestamptz NOT NULL,
    next_change_at timestamptz
);
CREATE INDEX credit_account_due ON credit_account (next_change_at) WHERE next_change_at IS NOT NULL;

CREATE TABLE list_entry (
    id uuid PRIMARY KEY,
    list text NOT NULL CONSTRAINT list_entry_list CHECK (list IN ('red', 'restricted')),
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    reason text NOT NULL CONSTRAINT list_entry_reason CHECK (reason <> ''),
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    evidence_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    decided_at timestamptz NOT NULL,
    -- Red: on public notice from the decision until `from_at`. Restricted: in force at once.
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    removed_at timestamptz,
    removed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    removal_reason text NOT NULL DEFAULT '',
    CONSTRAINT list_entry_term CHECK (from_at < until_at),
    CONSTRAINT list_entry_notice CHECK (decided_at <= from_at),
    CONSTRAINT list_entry_removed_with_reason CHECK ((removed_at IS NULL) = (removal_reason = ''))
);
CREATE UNIQUE INDEX list_entry_current_once ON list_entry (list, organisation_id) WHERE removed_at IS NULL;
CREATE INDEX list_entry_ends ON list_entry (until_at) WHERE removed_at IS NULL;
