-- Tables of notices or sign-ups that somebody sends at once: tried first, carried out once confirmed, row by row.

CREATE TABLE bulk_run (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    kind text NOT NULL CONSTRAINT bulk_run_kind CHECK (kind IN ('notices', 'sign_ups')),
    name text NOT NULL CONSTRAINT bulk_run_name CHECK (char_length(name) BETWEEN 1 AND 200),
    -- As they stand in the table, so that a cell can be named.
    columns text[] NOT NULL CONSTRAINT bulk_run_columns CHECK (cardinality(columns) BETWEEN 1 AND 100),
    sent_at timestamptz NOT NULL,
    tried_at timestamptz,
    -- Only drafts, or notices that bind.
    publish boolean,
    confirmed_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT bulk_run_order CHECK (
        (confirmed_at IS NULL OR tried_at IS NOT NULL) AND (finished_at IS NULL OR confirmed_at IS NOT NULL)
        AND (publish IS NULL) = (confirmed_at IS NULL))
);
CREATE INDEX bulk_run_of ON bulk_run (organisation_id, sent_at);

CREATE TABLE bulk_row (
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES bulk_run (id) ON DELETE RESTRICT,
    line integer NOT NULL CONSTRAINT bulk_row_line CHECK (line >= 2),
    values jsonb NOT NULL,
    -- Column -> what is wrong with its cell; filled by the trial, empty where nothing is.
    errors jsonb,
    outcome text CONSTRAINT bulk_row_outcome CHECK (outcome IN ('done', 'refused')),
    -- Where it led, and what was said.
    href text NOT NULL,
    said jsonb,
    CONSTRAINT bulk_row_once UNIQUE (run_id, line)
);
