-- The address under which an organisation's calendar programs fetch its deadlines: made of a nonce and the market's
-- secret, so that a new nonce ends an old address.
CREATE TABLE agenda_feed (
    organisation_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT,
    nonce text NOT NULL CONSTRAINT agenda_feed_nonce CHECK (nonce ~ '^[0-9a-f]{32}$'),
    made_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    made_at timestamptz NOT NULL
);
