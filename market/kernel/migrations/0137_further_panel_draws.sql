-- Where the drawn order of experts is used up and seats are empty, a further order is drawn from new candidates, under a
-- beacon round that lies after the cause.

CREATE TABLE panel_draw (
    id uuid PRIMARY KEY,
    panel_id uuid NOT NULL REFERENCES expert_panel (id) ON DELETE RESTRICT,
    -- The first draw is the panel's own.
    no integer NOT NULL CONSTRAINT panel_draw_no CHECK (no >= 2),
    cause text NOT NULL CONSTRAINT panel_draw_cause CHECK (cause IN ('order_used_up')),
    -- Seats that were empty when it was committed.
    seats integer NOT NULL CONSTRAINT panel_draw_seats CHECK (seats >= 1),
    salt text NOT NULL CONSTRAINT panel_draw_salt CHECK (salt ~ '^[0-9a-f]{32}$'),
    candidates text[] NOT NULL,
    -- [{"expert": code, "reason": text}]
    excluded jsonb NOT NULL,
    sha256 text NOT NULL CONSTRAINT panel_draw_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    beacon_round bigint NOT NULL CONSTRAINT panel_draw_beacon_round CHECK (beacon_round >= 1),
    frozen_at timestamptz NOT NULL,
    -- When the round is out; null once drawn, or where nobody needs it any more.
    due_at timestamptz,
    drawn_at timestamptz,
    drawn text[],
    signature text CONSTRAINT panel_draw_signature CHECK (signature ~ '^[0-9a-f]{96}$'),
    CONSTRAINT panel_draw_once UNIQUE (panel_id, no),
    CONSTRAINT panel_draw_drawn CHECK (
        (drawn_at IS NULL) = (drawn IS NULL) AND (drawn_at IS NULL) = (signature IS NULL)
        AND (drawn_at IS NULL OR due_at IS NULL))
);
CREATE INDEX panel_draw_due ON panel_draw (due_at) WHERE due_at IS NOT NULL;
