-- The register's Merkle log: which entry is which leaf, the hashes above them, and what was signed over them.

-- The number by which people call an entry is given once.
CREATE UNIQUE INDEX register_entry_number ON register_entry (written);

-- Entries whose leaf is still to come, by number. Filled by the database itself in the transaction of the act, so an
-- entry is here from its commit on, however late that is, until it has its leaf.
CREATE TABLE register_waiting (
    written bigint PRIMARY KEY
);
INSERT INTO register_waiting SELECT written FROM register_entry;
CREATE FUNCTION register_entry_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO register_waiting SELECT written FROM fresh;
    RETURN NULL;
END
$$;
CREATE TRIGGER register_entry_waits_for_leaf AFTER INSERT ON register_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION register_entry_waits();

CREATE TABLE register_leaf (
    leaf bigint PRIMARY KEY CONSTRAINT register_leaf_number CHECK (leaf >= 0),
    entry_id uuid NOT NULL CONSTRAINT register_leaf_of_entry_once UNIQUE REFERENCES register_entry (id) ON DELETE RESTRICT,
    -- RFC 6962 leaf hash of the entry's canonical bytes.
    leaf_hash bytea NOT NULL CONSTRAINT register_leaf_hash CHECK (octet_length(leaf_hash) = 32)
);

-- The hash over each complete run of 256 ** level leaves. With the leaf hashes these are all tiles of the log.
CREATE TABLE register_subtree (
    level smallint NOT NULL CONSTRAINT register_subtree_level CHECK (level BETWEEN 1 AND 7),
    no bigint NOT NULL CONSTRAINT register_subtree_no CHECK (no >= 0),
    hash bytea NOT NULL CONSTRAINT register_subtree_hash CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, no)
);

-- Each size once: whoever extends the tree second fails here.
CREATE TABLE register_checkpoint (
    size bigint PRIMARY KEY CONSTRAINT register_checkpoint_size CHECK (size > 0),
    root bytea NOT NULL CONSTRAINT register_checkpoint_root CHECK (octet_length(root) = 32),
    -- The signed note, as it is served.
    note text NOT NULL,
    signed_at timestamptz NOT NULL
);

-- The register's own keys, one after the other; each but the first was introduced by an entry.
CREATE TABLE register_key (
    no integer PRIMARY KEY CONSTRAINT register_key_no CHECK (no > 0),
    vkey text NOT NULL CONSTRAINT register_key_once UNIQUE,
    since timestamptz NOT NULL,
    entry_id uuid CONSTRAINT register_key_of_entry_once UNIQUE REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT register_key_introduced CHECK ((no = 1) = (entry_id IS NULL))
);

-- Institutions whose cosignatures are taken in, and what they cosigned.
CREATE TABLE register_witness (
    id uuid PRIMARY KEY,
    vkey text NOT NULL CONSTRAINT register_witness_once UNIQUE,
    title text NOT NULL CONSTRAINT register_witness_title CHECK (title <> ''),
    added_at timestamptz NOT NULL
);
CREATE TABLE register_cosignature (
    id uuid PRIMARY KEY,
    size bigint NOT NULL REFERENCES register_checkpoint (size) ON DELETE RESTRICT,
    witness_id uuid NOT NULL REFERENCES register_witness (id) ON DELETE RESTRICT,
    line text NOT NULL,
    cosigned_at timestamptz NOT NULL,
    CONSTRAINT register_cosignature_once UNIQUE (size, witness_id)
);
CREATE INDEX register_cosignature_newest ON register_cosignature (witness_id, size DESC);

CREATE TRIGGER register_leaf_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON register_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER register_subtree_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON register_subtree
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER register_checkpoint_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON register_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER register_key_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON register_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER register_cosignature_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON register_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
