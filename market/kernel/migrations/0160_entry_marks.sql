-- From which device and network an entry came: a keyed hash whose key belongs to one project, so that entries of one
-- project can be compared and nothing else can. Deleted after the rulebook's term.
CREATE TABLE entry_mark (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    kind text NOT NULL CONSTRAINT entry_mark_kind CHECK (kind IN ('device', 'network')),
    mark text NOT NULL CONSTRAINT entry_mark_hex CHECK (mark ~ '^[0-9a-f]{64}$'),
    seen_at timestamptz NOT NULL,
    CONSTRAINT entry_mark_once UNIQUE (project_id, agency_id, kind, mark)
);
CREATE INDEX entry_mark_age ON entry_mark (seen_at);
