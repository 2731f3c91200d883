-- Published versions of the catalogue and of the rulebooks. They are loaded from the data files and never change.

CREATE TABLE catalogue_version (
    version text PRIMARY KEY CONSTRAINT catalogue_version_name CHECK (version ~ '^[0-9A-Za-z][0-9A-Za-z.-]*$'),
    sha256 text NOT NULL CONSTRAINT catalogue_version_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content jsonb NOT NULL,
    effective_from timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    loaded_by text NOT NULL CONSTRAINT catalogue_version_loaded_by CHECK (loaded_by <> '')
);
CREATE INDEX catalogue_version_by_date ON catalogue_version (effective_from DESC, loaded_at DESC);

CREATE TABLE rulebook_version (
    version text PRIMARY KEY CONSTRAINT rulebook_version_name CHECK (version ~ '^[0-9A-Za-z][0-9A-Za-z.-]*$'),
    jurisdiction text NOT NULL CONSTRAINT rulebook_version_jurisdiction CHECK (jurisdiction ~ '^[1-9][0-9]{5}$'),
    sha256 text NOT NULL CONSTRAINT rulebook_version_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content jsonb NOT NULL,
    effective_from timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    loaded_by text NOT NULL CONSTRAINT rulebook_version_loaded_by CHECK (loaded_by <> '')
);
CREATE INDEX rulebook_version_by_date ON rulebook_version (jurisdiction, effective_from DESC, loaded_at DESC);

CREATE TRIGGER catalogue_version_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON catalogue_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rulebook_version_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON rulebook_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
