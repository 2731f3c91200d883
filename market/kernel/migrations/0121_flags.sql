-- Red flags: leads of the market's screens, never findings; what people made of them; questions to the firms concerned.

CREATE SEQUENCE flag_number;

CREATE TABLE flag (
    id uuid PRIMARY KEY,
    number text NOT NULL CONSTRAINT flag_number_once UNIQUE,
    screen text NOT NULL CONSTRAINT flag_screen CHECK (screen <> ''),
    -- Of the way the screen computes.
    version integer NOT NULL CONSTRAINT flag_version CHECK (version >= 1),
    rulebook_version text NOT NULL,
    -- The same lead found again has the same key: it is the same flag.
    key text NOT NULL,
    -- Who may see it: regulators whose region lies around one of these and whose industry is among these departments.
    regions text[] NOT NULL CONSTRAINT flag_regions CHECK (cardinality(regions) > 0),
    departments text[] NOT NULL,
    score integer NOT NULL CONSTRAINT flag_score CHECK (score BETWEEN 0 AND 10000),
    -- The sentence (message id and facts), and the reckoning: [[label, value, limit]] and [[who, how much]].
    text text NOT NULL CONSTRAINT flag_text CHECK (text <> ''),
    facts jsonb NOT NULL,
    figures jsonb NOT NULL,
    rows jsonb NOT NULL,
    -- Numbers of projects, and of the register entries that the lead rests on.
    projects text[] NOT NULL,
    evidence bigint[] NOT NULL,
    opened_at timestamptz NOT NULL,
    -- When a screen last found it.
    found_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    authority_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    taken_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    taken_at timestamptz,
    outcome text CONSTRAINT flag_outcome CHECK (outcome IN ('founded', 'unfounded')),
    reason text NOT NULL DEFAULT '',
    -- The register entry of the decision that the flag led to.
    decision_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    closed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    closed_at timestamptz,
    entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT flag_once UNIQUE (screen, key),
    CONSTRAINT flag_taken CHECK (
        (taken_at IS NULL) = (taken_by IS NULL) AND (taken_at IS NULL) = (authority_id IS NULL)),
    CONSTRAINT flag_closed CHECK (
        (closed_at IS NULL) = (outcome IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL)
        AND (closed_at IS NULL) = (entry_id IS NULL) AND (closed_at IS NULL) = (reason = '')),
    CONSTRAINT flag_closed_by_who_took_it CHECK (closed_at IS NULL OR taken_at IS NOT NULL),
    CONSTRAINT flag_decision_of_founded CHECK (decision_id IS NULL OR outcome = 'founded')
);
CREATE INDEX flag_open ON flag (due_at) WHERE closed_at IS NULL;
CREATE INDEX flag_newest ON flag (opened_at DESC, id DESC);
CREATE INDEX flag_of_projects ON flag USING gin (projects);

CREATE TABLE flag_party (
    id uuid PRIMARY KEY,
    flag_id uuid NOT NULL REFERENCES flag (id) ON DELETE RESTRICT,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    CONSTRAINT flag_party_once UNIQUE (flag_id, organisation_id)
);
CREATE INDEX flag_party_organisation ON flag_party (organisation_id);

-- What the authority asks a party before it judges; the party sees its own questions and nothing else of the flag.
CREATE TABLE flag_question (
    id uuid PRIMARY KEY,
    flag_id uuid NOT NULL REFERENCES flag (id) ON DELETE RESTRICT,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    question text NOT NULL CONSTRAINT flag_question_text CHECK (question <> ''),
    asked_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    answer_due_at timestamptz NOT NULL,
    answer text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    CONSTRAINT flag_question_answered CHECK (
        (answered_at IS NULL) = (answer = '') AND (answered_at IS NULL) = (answered_by IS NULL))
);
CREATE UNIQUE INDEX flag_question_open_once ON flag_question (flag_id, organisation_id) WHERE answered_at IS NULL;
CREATE INDEX flag_question_of ON flag_question (flag_id, asked_at);
CREATE INDEX flag_question_to ON flag_question (organisation_id, asked_at DESC);

-- The days on which patterns over time were sought.
CREATE TABLE flag_sweep (
    day date PRIMARY KEY,
    swept_at timestamptz NOT NULL,
    -- Projects that were looked at, the denominator of how often a screen fires.
    cases integer NOT NULL CONSTRAINT flag_sweep_cases CHECK (cases >= 0)
);
