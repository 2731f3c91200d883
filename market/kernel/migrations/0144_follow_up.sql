-- Closed projects that chance named: the operator calls the owner and asks how it was.

CREATE TABLE follow_up (
    project_id uuid PRIMARY KEY REFERENCES project (id) ON DELETE RESTRICT,
    -- The act that closed the project; its hash decided that it is called.
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    drawn_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    called_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    called_at timestamptz,
    reached boolean,
    satisfaction integer CONSTRAINT follow_up_satisfaction CHECK (satisfaction BETWEEN 1 AND 5),
    -- What was said is at odds with the rating that was given.
    at_odds boolean,
    remarks text NOT NULL DEFAULT '',
    CONSTRAINT follow_up_called CHECK (
        num_nonnulls(called_by, called_at, reached, at_odds) IN (0, 4)
        AND (satisfaction IS NOT NULL) = coalesce(reached, false) AND (reached IS NOT FALSE OR NOT at_odds))
);
CREATE INDEX follow_up_open ON follow_up (due_at) WHERE called_at IS NULL;
