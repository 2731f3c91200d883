-- Selection: sign-ups, frozen pools, draws, objections.

CREATE TABLE sign_up (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    authorised_person_id uuid REFERENCES agency_authorised_person (id) ON DELETE RESTRICT,
    practitioner_ids uuid[] NOT NULL,
    signed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    signed_up_at timestamptz NOT NULL,
    -- The register entry of the sign-up: its receipt.
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    withdrawn_at timestamptz,
    -- Withdrawing after close takes nobody out of the frozen pool, but it is a fact that credit counts.
    withdrawn_after_close boolean NOT NULL DEFAULT false,
    withdrawal_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT sign_up_withdrawal CHECK (
        (withdrawn_at IS NULL) = (withdrawal_entry_id IS NULL) AND (withdrawn_at IS NOT NULL OR NOT withdrawn_after_close))
);
CREATE UNIQUE INDEX sign_up_once ON sign_up (project_id, agency_id) WHERE withdrawn_at IS NULL;
CREATE INDEX sign_up_of_agency ON sign_up (agency_id, signed_up_at DESC);

-- One row a draw: the first award, and further ones each with its recorded legal cause and its own beacon round.
CREATE TABLE selection_round (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT selection_round_no CHECK (no >= 1),
    -- "award", "award-2", …
    purpose text NOT NULL,
    cause text NOT NULL CONSTRAINT selection_round_cause CHECK (
        cause IN ('published', 'window_restarted', 'objection_upheld', 'winner_refused', 'signing_lapsed')),
    committed_at timestamptz NOT NULL,
    deadline timestamptz NOT NULL,
    beacon_chain text NOT NULL,
    beacon_round bigint NOT NULL CONSTRAINT selection_round_beacon CHECK (beacon_round > 0),
    -- Replaced by an amendment that moved the deadline before anything was frozen.
    superseded_at timestamptz,
    frozen_at timestamptz,
    -- SHA-256 of the draw's input; null when nothing was drawn because too few were left.
    pool_sha256 text CONSTRAINT selection_round_pool_sha256 CHECK (pool_sha256 ~ '^[0-9a-f]{64}$'),
    -- [{"code", "name", "tickets"}] and [{"code", "name", "reason", "lines": […]}]: the pool and who was left out, why.
    pool jsonb,
    excluded jsonb,
    drawn_at timestamptz,
    signature text,
    winner_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    -- The published dossier, byte for byte.
    dossier bytea,
    annulled_at timestamptz,
    -- Why its result does not hold any more, or why nothing was drawn: a rule of projects.selection.rules.Annulment.
    annulment_reason text NOT NULL DEFAULT '',
    CONSTRAINT selection_round_once UNIQUE (project_id, no),
    CONSTRAINT selection_round_frozen CHECK (
        (frozen_at IS NULL) = (pool IS NULL) AND (frozen_at IS NULL) = (excluded IS NULL)),
    CONSTRAINT selection_round_drawn CHECK (
        (drawn_at IS NULL) = (dossier IS NULL) AND (drawn_at IS NULL) = (winner_id IS NULL)
        AND (drawn_at IS NULL) = (signature IS NULL) AND (drawn_at IS NULL OR pool_sha256 IS NOT NULL)),
    CONSTRAINT selection_round_annulled CHECK ((annulled_at IS NULL) = (annulment_reason = ''))
);
CREATE UNIQUE INDEX selection_round_open_once ON selection_round (project_id)
    WHERE superseded_at IS NULL AND drawn_at IS NULL AND annulled_at IS NULL;

-- Why each agency that signed up was (not) eligible when the pool froze, line by line.
CREATE TABLE eligibility_snapshot (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES selection_round (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    eligible boolean NOT NULL,
    lines jsonb NOT NULL,
    CONSTRAINT eligibility_snapshot_once UNIQUE (round_id, agency_id)
);

CREATE TABLE objection (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    round_id uuid NOT NULL REFERENCES selection_round (id) ON DELETE RESTRICT,
    raised_by_organisation uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    raised_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    grounds text NOT NULL CONSTRAINT objection_grounds CHECK (grounds <> ''),
    raised_at timestamptz NOT NULL,
    -- The register entry of the objection: its receipt.
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    answer_due_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    decision text CONSTRAINT objection_decision CHECK (decision IN ('upheld', 'rejected')),
    remedy text CONSTRAINT objection_remedy CHECK (remedy IN ('redraw', 'reopen')),
    answer text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    CONSTRAINT objection_answered CHECK ((decision IS NULL) = (answered_at IS NULL)),
    CONSTRAINT objection_ended_once CHECK (withdrawn_at IS NULL OR answered_at IS NULL),
    CONSTRAINT objection_upheld_has_remedy CHECK (decision IS DISTINCT FROM 'upheld' OR remedy IS NOT NULL)
);
CREATE UNIQUE INDEX objection_open_once ON objection (round_id, raised_by_organisation)
    WHERE answered_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX objection_of_project ON objection (project_id, raised_at);
