-- The public register: every legal act, written in the transaction of the act. Sequencing into a Merkle log
-- (leaf, checkpoint) builds on these rows; `written` orders them for readers until then.
CREATE TABLE register_entry (
    id uuid PRIMARY KEY,
    written bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    kind text NOT NULL CONSTRAINT register_entry_kind CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'),
    subject text NOT NULL CONSTRAINT register_entry_subject CHECK (subject <> ''),
    by text NOT NULL,
    data jsonb NOT NULL,
    private_digest text CONSTRAINT register_entry_private CHECK (private_digest ~ '^[0-9a-f]{64}$')
);
CREATE UNIQUE INDEX register_entry_in_order ON register_entry (written);
CREATE INDEX register_entry_of_subject ON register_entry (subject, written);
CREATE INDEX register_entry_of_kind ON register_entry (kind, written);
CREATE TRIGGER register_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON register_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Personal facts stay outside; the entry carries only their salted digest, so they can be erased.
CREATE TABLE register_private (
    entry_id uuid PRIMARY KEY REFERENCES register_entry (id) ON DELETE RESTRICT,
    salt text NOT NULL,
    facts jsonb NOT NULL
);
