-- Ratings, credit events, lists.
CREATE TABLE rating (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    -- Who rates: the owner rates the agency, the agency rates the owner; once a project each.
    side text NOT NULL CONSTRAINT rating_side CHECK (side IN ('owner', 'agency')),
    rater_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    rated_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- {"quality": 1…5, …}: the five dimensions of rules.DIMENSIONS[side].
    marks jsonb NOT NULL,
    -- Mean of the marks in hundredths (100 … 500), half up.
    overall integer NOT NULL CONSTRAINT rating_overall CHECK (overall BETWEEN 100 AND 500),
    reasons text NOT NULL,
    rated_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    rated_at timestamptz NOT NULL,
    -- Shown once both sides rated or the window is over.
    revealed_at timestamptz,
    reply text NOT NULL DEFAULT '',
    replied_at timestamptz,
    CONSTRAINT rating_once UNIQUE (project_id, side)
);
CREATE INDEX rating_of ON rating (rated_id, rated_at DESC);

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
    CONSTRAINT credit_event_once UNIQUE (evidence_id, kind, organisation_id)
);
CREATE INDEX credit_event_of ON credit_event (organisation_id, occurred_at);
CREATE TRIGGER credit_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_entry (
    id uuid PRIMARY KEY,
    list text NOT NULL CONSTRAINT list_entry_list CHECK (list IN ('red', 'restricted')),
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    reason text NOT NULL CONSTRAINT list_entry_reason CHECK (reason <> ''),
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    evidence_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    removed_at timestamptz,
    removal_reason text NOT NULL DEFAULT '',
    CONSTRAINT list_entry_term CHECK (from_at < until_at)
);
CREATE UNIQUE INDEX list_entry_current_once ON list_entry (list, organisation_id) WHERE removed_at IS NULL;
