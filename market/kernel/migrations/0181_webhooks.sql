-- Signed calls to programs of organisations, in order for each endpoint.

CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    url text NOT NULL CONSTRAINT webhook_endpoint_url CHECK (url LIKE 'http%' AND length(url) <= 500),
    -- Empty: every event.
    events text[] NOT NULL,
    -- Encrypted with the site's key. The one before signs beside it until the change is over.
    secret_sealed text NOT NULL,
    former_secret_sealed text,
    former_until timestamptz,
    made_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    made_at timestamptz NOT NULL,
    -- The first failure since the last success; the rules of disabling count from it.
    failing_since timestamptz,
    warned_at timestamptz,
    disabled_at timestamptz,
    disabled_by text CONSTRAINT webhook_endpoint_disabled_by CHECK (disabled_by IN ('rule', 'organisation')),
    removed_at timestamptz,
    -- Real time: the lease of the worker that calls it.
    claimed_until timestamptz,
    CONSTRAINT webhook_endpoint_disabled CHECK ((disabled_at IS NULL) = (disabled_by IS NULL)),
    CONSTRAINT webhook_endpoint_rotation CHECK ((former_secret_sealed IS NULL) = (former_until IS NULL))
);
CREATE INDEX webhook_endpoint_of_organisation ON webhook_endpoint (organisation_id) WHERE removed_at IS NULL;

CREATE TABLE webhook_call (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint (id) ON DELETE RESTRICT,
    no bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    -- Null for a test ping.
    message_id uuid REFERENCES inbox_message (id) ON DELETE RESTRICT,
    event text NOT NULL,
    body text NOT NULL,
    made_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT webhook_call_state CHECK (state IN ('waiting', 'delivered', 'refused')),
    due_at timestamptz NOT NULL,
    tries integer NOT NULL CONSTRAINT webhook_call_tries CHECK (tries >= 0),
    ended_at timestamptz,
    CONSTRAINT webhook_call_ended CHECK ((ended_at IS NULL) = (state = 'waiting')),
    CONSTRAINT webhook_call_number_once UNIQUE (no),
    CONSTRAINT webhook_call_once UNIQUE (endpoint_id, message_id)
);
CREATE INDEX webhook_call_waiting ON webhook_call (endpoint_id, no) WHERE state = 'waiting';
CREATE INDEX webhook_call_of_endpoint ON webhook_call (endpoint_id, no DESC);

-- The delivery log.
CREATE TABLE webhook_try (
    id uuid PRIMARY KEY,
    call_id uuid NOT NULL REFERENCES webhook_call (id) ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    -- Null where no answer came.
    status integer CONSTRAINT webhook_try_status CHECK (status BETWEEN 100 AND 999),
    problem text NOT NULL,
    milliseconds integer NOT NULL CONSTRAINT webhook_try_milliseconds CHECK (milliseconds >= 0),
    answer text NOT NULL CONSTRAINT webhook_try_answer CHECK (length(answer) <= 2000)
);
CREATE INDEX webhook_try_of_call ON webhook_try (call_id, at DESC);
