-- Every method of selection: what a notice states for it, sealed bids, and rounds that need no lot.

ALTER TABLE project
    DROP CONSTRAINT project_method,
    ADD CONSTRAINT project_method CHECK (method IN (
        'draw', 'lowest_price', 'best_price', 'average_price', 'price_then_draw', 'direct', 'merit', 'multi_round',
        'outside_tender')),
    DROP CONSTRAINT project_stage,
    ADD CONSTRAINT project_stage CHECK (stage IN (
        'sign_up', 'drawing', 'evaluation', 'result_notice', 'contracting', 'fulfilment', 'accepted', 'closed', 'failed',
        'withdrawn', 'terminated')),
    -- What the winner works for: fixed by the notice, or found by the decision and unknown until then.
    ALTER COLUMN price_fen DROP NOT NULL,
    -- What a bidder states: a price, or how much it takes off the ceiling.
    ADD COLUMN quote text NOT NULL DEFAULT 'price' CONSTRAINT project_quote CHECK (quote IN ('price', 'discount')),
    ADD COLUMN ceiling_fen bigint CONSTRAINT project_ceiling CHECK (ceiling_fen > 0),
    ADD COLUMN floor_fen bigint CONSTRAINT project_floor CHECK (floor_fen >= 0 AND floor_fen <= ceiling_fen),
    -- Discounts in basis points of the ceiling.
    ADD COLUMN smallest_discount integer,
    ADD COLUMN largest_discount integer,
    ADD CONSTRAINT project_discounts CHECK (
        (quote = 'discount') = (smallest_discount IS NOT NULL AND largest_discount IS NOT NULL)
        AND smallest_discount >= 0 AND smallest_discount <= largest_discount AND largest_discount < 10000),
    -- May every agency take part, or those that the owner invites?
    ADD COLUMN access text NOT NULL DEFAULT 'open' CONSTRAINT project_access CHECK (access IN ('open', 'invited')),
    ADD COLUMN access_reason text NOT NULL DEFAULT '',
    ADD CONSTRAINT project_invited_with_reason CHECK (access = 'open' OR access_reason <> ''),
    -- When live bidding starts (several rounds).
    ADD COLUMN bidding_starts_at timestamptz,
    ADD CONSTRAINT project_bidding CHECK ((bidding_starts_at IS NOT NULL) = (method = 'multi_round')),
    ADD CONSTRAINT project_bidding_after_close CHECK (bidding_starts_at > sign_up_closes_at),
    -- Weights in basis points; with those of the criteria they make 10000.
    ADD COLUMN price_weight integer CONSTRAINT project_price_weight CHECK (price_weight BETWEEN 0 AND 10000),
    ADD COLUMN credit_weight integer CONSTRAINT project_credit_weight CHECK (credit_weight BETWEEN 0 AND 10000),
    ADD CONSTRAINT project_weights CHECK (
        (method = 'merit') = (price_weight IS NOT NULL AND credit_weight IS NOT NULL)),
    -- A tender held elsewhere whose result is registered here.
    ADD COLUMN tender_number text NOT NULL DEFAULT '',
    ADD COLUMN tender_platform text NOT NULL DEFAULT '',
    ADD CONSTRAINT project_tender CHECK ((method = 'outside_tender') = (tender_number <> '')),
    ADD CONSTRAINT project_stated CHECK (
        CASE WHEN method IN ('draw', 'direct', 'outside_tender') THEN price_fen IS NOT NULL AND ceiling_fen IS NULL
             ELSE ceiling_fen IS NOT NULL END),
    ADD CONSTRAINT project_price_within_ceiling CHECK (price_fen <= ceiling_fen),
    -- The result of an outside tender is registered in one moment.
    DROP CONSTRAINT project_window,
    ADD CONSTRAINT project_window CHECK (
        sign_up_opens_at < sign_up_closes_at OR method = 'outside_tender' AND sign_up_opens_at = sign_up_closes_at),
    -- What lists sort and filter by: the price once there is one, before that the most it can be.
    ADD COLUMN amount_fen bigint GENERATED ALWAYS AS (coalesce(price_fen, ceiling_fen)) STORED NOT NULL,
    -- Sealed bids are open.
    ADD COLUMN opened_at timestamptz;

DROP INDEX project_newest;
CREATE INDEX project_newest ON project (published_at DESC, id DESC)
    INCLUDE (stage, service_classes, amount_fen, region_code, sign_up_closes_at);

CREATE TABLE project_invited (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    CONSTRAINT project_invited_once UNIQUE (project_id, agency_id)
);
CREATE INDEX project_invited_agency ON project_invited (agency_id);

-- What experts score, in the order of the notice.
CREATE TABLE project_criterion (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT project_criterion_no CHECK (no >= 1),
    name text NOT NULL CONSTRAINT project_criterion_name CHECK (name <> ''),
    description text NOT NULL,
    -- Basis points.
    weight integer NOT NULL CONSTRAINT project_criterion_weight CHECK (weight BETWEEN 1 AND 10000),
    CONSTRAINT project_criterion_once UNIQUE (project_id, no)
);

ALTER TABLE selection_round
    ADD COLUMN method text NOT NULL DEFAULT 'draw',
    -- Both null where nothing is left to chance.
    ALTER COLUMN beacon_chain DROP NOT NULL,
    ALTER COLUMN beacon_round DROP NOT NULL,
    ADD CONSTRAINT selection_round_beacon_known CHECK ((beacon_chain IS NULL) = (beacon_round IS NULL)),
    -- Keeps the published hash of a sealed pool from being guessed before the opening; published with it.
    ADD COLUMN salt text CONSTRAINT selection_round_salt CHECK (salt ~ '^[0-9a-f]{64}$'),
    -- The beacon's randomness is there and all sealed bids are open.
    ADD COLUMN opened_at timestamptz,
    DROP CONSTRAINT selection_round_cause,
    ADD CONSTRAINT selection_round_cause CHECK (cause IN (
        'published', 'window_restarted', 'objection_upheld', 'complaint_upheld', 'winner_refused', 'signing_lapsed')),
    DROP CONSTRAINT selection_round_drawn,
    ADD CONSTRAINT selection_round_drawn CHECK (
        (drawn_at IS NULL) = (dossier IS NULL) AND (drawn_at IS NOT NULL OR winner_id IS NULL)
        AND (winner_id IS NULL OR pool_sha256 IS NOT NULL)
        AND (method <> 'draw' OR (drawn_at IS NULL) = (winner_id IS NULL)));

-- Sealed bids. The text is readable for nobody before its beacon round; it is erased when its bidder replaces or withdraws it,
-- and when the selection ends before the opening. Its hash and its register entries stay.
CREATE TABLE sealed_bid (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    sign_up_id uuid NOT NULL REFERENCES sign_up (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- Given to this one submission and written inside the sealed text.
    nonce text NOT NULL CONSTRAINT sealed_bid_nonce CHECK (nonce ~ '^[0-9a-f]{32}$'),
    beacon_chain text NOT NULL CONSTRAINT sealed_bid_chain CHECK (beacon_chain ~ '^[0-9a-f]{64}$'),
    beacon_round bigint NOT NULL CONSTRAINT sealed_bid_round CHECK (beacon_round > 0),
    ciphertext text CONSTRAINT sealed_bid_length CHECK (length(ciphertext) <= 8192),
    ciphertext_sha256 text NOT NULL CONSTRAINT sealed_bid_sha256 CHECK (ciphertext_sha256 ~ '^[0-9a-f]{64}$'),
    sealed_by text NOT NULL CONSTRAINT sealed_bid_sealed_by CHECK (sealed_by IN ('browser', 'server')),
    -- An encrypted proposal whose key is inside the sealed text.
    proposal_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    sent_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    received_at timestamptz NOT NULL,
    -- The register entry of the bid: its receipt.
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    -- Why it does not stand any more: replaced or withdrawn by its bidder, void by an amendment, or never opened.
    ended text CONSTRAINT sealed_bid_ended CHECK (ended IN ('replaced', 'withdrawn', 'amended', 'unopened')),
    ended_at timestamptz,
    end_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    opened_at timestamptz,
    -- Fen, or basis points of discount; null where it could not be opened.
    quoted bigint,
    fault text,
    CONSTRAINT sealed_bid_nonce_once UNIQUE (nonce),
    CONSTRAINT sealed_bid_end CHECK ((ended IS NULL) = (ended_at IS NULL) AND (ended IS NOT NULL) = (ciphertext IS NULL)),
    CONSTRAINT sealed_bid_opened CHECK (
        (opened_at IS NULL) = (quoted IS NULL AND fault IS NULL) AND (opened_at IS NULL OR ended IS NULL))
);
CREATE UNIQUE INDEX sealed_bid_once ON sealed_bid (sign_up_id) WHERE ended IS NULL AND opened_at IS NULL;
CREATE INDEX sealed_bid_of_project ON sealed_bid (project_id) WHERE ended IS NULL;
CREATE INDEX sealed_bid_of_agency ON sealed_bid (agency_id, project_id, received_at DESC);
