-- Bringing a search server up to date, where there is one (docs/adr/0072-search-server.md). Without one these tables stay
-- empty and no act pays for them.

-- A kind that a server was set up for. Made by `search rebuild`, removed by `search off`.
CREATE TABLE search_index (
    kind text PRIMARY KEY,
    -- The index that is being built, beside the one that is searched.
    building text CONSTRAINT search_index_building CHECK (building <> ''),
    -- What was searched until the last exchange; kept for a day.
    retired text CONSTRAINT search_index_retired CHECK (retired <> ''),
    retired_at timestamptz,
    -- Searched only where this is set, and `broken` is not.
    built_at timestamptz,
    broken text NOT NULL CONSTRAINT search_index_broken CHECK (length(broken) <= 300),
    broken_at timestamptz,
    compared_at timestamptz,
    CONSTRAINT search_index_retired_when CHECK ((retired IS NULL) = (retired_at IS NULL)),
    CONSTRAINT search_index_broken_when CHECK ((broken = '') = (broken_at IS NULL))
);

-- Who works on a kind at present, and how the last attempts went. Apart from search_index: acts hold that row for a moment.
CREATE TABLE search_lease (
    kind text PRIMARY KEY,
    holder uuid,
    until timestamptz,
    failures integer NOT NULL CONSTRAINT search_lease_failures CHECK (failures >= 0),
    retry_at timestamptz,
    looked_at timestamptz,
    problem text NOT NULL CONSTRAINT search_lease_problem CHECK (length(problem) <= 300),
    CONSTRAINT search_lease_held CHECK ((holder IS NULL) = (until IS NULL))
);

-- What was sent and is not known to be done. `tasks` empty: not sent yet.
CREATE TABLE search_batch (
    id uuid PRIMARY KEY,
    kind text NOT NULL REFERENCES search_index (kind) ON DELETE RESTRICT,
    tasks bigint[] NOT NULL,
    sent_at timestamptz
);
CREATE INDEX search_batch_kind ON search_batch (kind, id);

-- Things that changed, noted in the transaction of the change.
CREATE TABLE search_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL REFERENCES search_index (kind) ON DELETE RESTRICT,
    entity_id text NOT NULL,
    target text NOT NULL CONSTRAINT search_outbox_target CHECK (target IN ('live', 'building')),
    noted_at timestamptz NOT NULL DEFAULT now(),
    batch_id uuid REFERENCES search_batch (id) ON DELETE RESTRICT
);
CREATE INDEX search_outbox_waiting ON search_outbox (kind, target, id) WHERE batch_id IS NULL;
CREATE INDEX search_outbox_oldest ON search_outbox (kind, noted_at) WHERE target = 'live';
CREATE INDEX search_outbox_batch ON search_outbox (batch_id) WHERE batch_id IS NOT NULL;

-- What the server would not take, alone: the operator is told.
CREATE TABLE search_refused (
    kind text NOT NULL REFERENCES search_index (kind) ON DELETE RESTRICT,
    entity_id text NOT NULL,
    reason text NOT NULL CONSTRAINT search_refused_reason CHECK (reason <> '' AND length(reason) <= 300),
    refused_at timestamptz NOT NULL,
    CONSTRAINT search_refused_pkey PRIMARY KEY (kind, entity_id)
);

-- Every way in which a document of the market's own search changes comes by here, so none can forget to say so.
CREATE FUNCTION note_search_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Who begins a rebuild waits for acts that still think there is none.
    PERFORM 1 FROM search_index WHERE kind IN (SELECT kind FROM changed) FOR SHARE;
    IF FOUND THEN
        INSERT INTO search_outbox (kind, entity_id, target)
        SELECT c.kind, c.id, t.target
        FROM changed c JOIN search_index i ON i.kind = c.kind
        CROSS JOIN (VALUES ('live'), ('building')) AS t (target)
        WHERE t.target = 'live' OR i.building IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER search_document_added AFTER INSERT ON search_document
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_search_change();
CREATE TRIGGER search_document_altered AFTER UPDATE ON search_document
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_search_change();
CREATE TRIGGER search_document_removed AFTER DELETE ON search_document
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_search_change();
