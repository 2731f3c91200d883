-- Numbers of a proposed rulebook, tried on the history of all agencies in the background. Nothing else is written.

CREATE TABLE credit_trial (
    id uuid PRIMARY KEY,
    -- key -> value, only where it differs from the rulebook in force.
    numbers jsonb NOT NULL,
    rulebook_version text NOT NULL,
    asked_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    agencies integer NOT NULL DEFAULT 0 CONSTRAINT credit_trial_agencies CHECK (agencies >= 0),
    done integer NOT NULL DEFAULT 0 CONSTRAINT credit_trial_done CHECK (done BETWEEN 0 AND agencies),
    -- Summary and everybody who would move, once all are done.
    summary jsonb,
    moves jsonb,
    finished_at timestamptz,
    CONSTRAINT credit_trial_finished CHECK (num_nonnulls(summary, moves, finished_at) IN (0, 3))
);
CREATE INDEX credit_trial_newest ON credit_trial (asked_at DESC);
