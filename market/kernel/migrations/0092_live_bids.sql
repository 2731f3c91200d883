-- Live bidding in rounds: each bid as it came, and the moment from which no more are taken.

CREATE TABLE live_bid (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    sign_up_id uuid NOT NULL REFERENCES sign_up (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- Which bidding it belongs to: a project whose sign-up was opened again bids again.
    starts_at timestamptz NOT NULL,
    -- The round in which it arrived.
    no integer NOT NULL CONSTRAINT live_bid_no CHECK (no >= 1),
    -- Fen, or basis points of discount.
    quoted bigint NOT NULL CONSTRAINT live_bid_quoted CHECK (quoted >= 0),
    -- When the request reached the server: the only time that judges it.
    received_at timestamptz NOT NULL,
    sent_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    -- The register entry of the bid: its receipt.
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT live_bid_after_start CHECK (received_at >= starts_at),
    CONSTRAINT live_bid_entry_once UNIQUE (entry_id),
    -- Each bid is better than the bidder's last, so no amount comes twice.
    CONSTRAINT live_bid_amount_once UNIQUE (project_id, starts_at, agency_id, quoted)
);
CREATE TRIGGER live_bid_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON live_bid
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Written once, behind all bids that were still on their way: what is in the table then is what decides.
CREATE TABLE live_bidding_end (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    starts_at timestamptz NOT NULL,
    closed_at timestamptz NOT NULL,
    CONSTRAINT live_bidding_end_after_start CHECK (closed_at > starts_at),
    CONSTRAINT live_bidding_end_once UNIQUE (project_id, starts_at)
);
