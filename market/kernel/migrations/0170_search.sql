-- What the search over everything public reads: one row for each thing that can be found, written in the transaction of
-- the act that changes the thing (docs/adr/0071-one-search.md). Never the only place of anything: it can be made anew.

CREATE TABLE search_document (
    kind text NOT NULL,
    id text NOT NULL,
    visibility text NOT NULL CONSTRAINT search_document_visibility CHECK (visibility <> ''),
    -- As people read it; what follows is in small letters and plain width.
    title text NOT NULL,
    named text NOT NULL,
    service text NOT NULL,
    company text NOT NULL,
    -- Everything in which a word may stand, a line each.
    all_text text NOT NULL,
    -- Title, service and company read aloud: " ce hui| gong cheng" and "ch|gc".
    syllables text NOT NULL,
    initials text NOT NULL,
    -- Several codes stand between spaces: " 370000 370200 ".
    regions text NOT NULL,
    service_classes text NOT NULL,
    service_items text NOT NULL,
    method text NOT NULL,
    stage text NOT NULL,
    outcome text NOT NULL,
    band text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT search_document_amount CHECK (amount_fen >= 0),
    published_at timestamptz,
    deadline timestamptz,
    -- cjk_terms of all_text, and the terms of the readings: "~ce hui", "^ch".
    terms tsvector NOT NULL,
    CONSTRAINT search_document_pkey PRIMARY KEY (kind, id)
) WITH (fillfactor = 90);  -- a change of stage touches no index, where there is room on the page
CREATE INDEX search_document_terms ON search_document USING gin (terms);
CREATE INDEX search_document_newest ON search_document (kind, published_at DESC);

-- A search that a person keeps, to be told of what comes to match it.
CREATE TABLE saved_search (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    name text NOT NULL CONSTRAINT saved_search_name CHECK (name <> '' AND length(name) <= 60),
    -- The address of the results without its page: what the search is.
    asked text NOT NULL CONSTRAINT saved_search_asked CHECK (length(asked) <= 1000),
    -- Only what was published after this is news.
    seen_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT saved_search_once UNIQUE (person_id, organisation_id, asked)
);
CREATE INDEX saved_search_due ON saved_search (seen_until);

-- Each thing is told once for each search, whatever happens to it afterwards.
CREATE TABLE saved_search_hit (
    search_id uuid NOT NULL REFERENCES saved_search (id) ON DELETE RESTRICT,
    document_id text NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT saved_search_hit_pkey PRIMARY KEY (search_id, document_id)
);
