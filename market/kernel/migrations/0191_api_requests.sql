-- What programs asked for: the same key asks for the same thing, however often it arrives. And how often each may ask.

CREATE TABLE api_request (
    id uuid PRIMARY KEY,
    token_id uuid NOT NULL REFERENCES api_token (id) ON DELETE RESTRICT,
    act text NOT NULL CONSTRAINT api_request_act CHECK (act <> ''),
    -- Forgotten with the answer after a day; the row stays as the record of what the token was used for.
    key text CONSTRAINT api_request_key CHECK (char_length(key) BETWEEN 8 AND 128),
    digest text NOT NULL CONSTRAINT api_request_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
    claimed_at timestamptz NOT NULL,
    -- Until then whoever claimed it is taken to be still at work.
    held_until timestamptz NOT NULL,
    -- Written in the transaction of the act itself.
    acted_at timestamptz,
    entries uuid[] NOT NULL,
    status integer CONSTRAINT api_request_status CHECK (status BETWEEN 200 AND 499),
    answer text,
    CONSTRAINT api_request_once UNIQUE (token_id, key)
);
CREATE INDEX api_request_of_token ON api_request (token_id, claimed_at);
CREATE INDEX api_request_by_age ON api_request (claimed_at) WHERE key IS NOT NULL;

-- Counts of the present minute. A crash may forget them.
CREATE UNLOGGED TABLE api_allowance (
    subject text PRIMARY KEY,
    since timestamptz NOT NULL,
    used integer NOT NULL CONSTRAINT api_allowance_used CHECK (used > 0)
);
