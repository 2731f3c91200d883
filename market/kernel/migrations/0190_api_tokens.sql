-- Tokens by which an organisation's own programs use the API. Only a digest is kept; a token acts as the person who made it.

CREATE TABLE api_token (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    name text NOT NULL CONSTRAINT api_token_name CHECK (char_length(name) BETWEEN 1 AND 60),
    token_digest text NOT NULL CONSTRAINT api_token_once UNIQUE,
    -- The first characters, so that people can tell which token stands in which program.
    beginning text NOT NULL CONSTRAINT api_token_beginning CHECK (char_length(beginning) = 8),
    scopes text[] NOT NULL CONSTRAINT api_token_scopes CHECK (
        cardinality(scopes) > 0 AND scopes <@ ARRAY[
            'read:own', 'projects:write', 'bids:write', 'contracts:write', 'payments:write', 'ratings:write',
            'complaints:write', 'lists:import']),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    last_address text NOT NULL DEFAULT '',
    revoked_at timestamptz,
    revoked_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    CONSTRAINT api_token_term CHECK (expires_at > created_at AND expires_at <= created_at + interval '366 days'),
    CONSTRAINT api_token_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX api_token_of ON api_token (organisation_id, created_at);
