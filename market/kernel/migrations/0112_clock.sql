-- What is asked about the time of a milestone: that its clock stops for a cause, or that it gets more days.
CREATE TABLE clock_change (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    milestone_id uuid NOT NULL REFERENCES contract_milestone (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT clock_change_no CHECK (no >= 1),
    kind text NOT NULL CONSTRAINT clock_change_kind CHECK (kind IN ('suspension', 'extension')),
    -- suspension: one of the rulebook's causes; extension: working days asked for
    cause text NOT NULL DEFAULT '',
    days integer CONSTRAINT clock_change_days CHECK (days >= 1),
    side text NOT NULL CONSTRAINT clock_change_side CHECK (side IN ('owner', 'agency')),
    reason text NOT NULL CONSTRAINT clock_change_reason CHECK (reason <> ''),
    asked_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    answer_due_at timestamptz NOT NULL,
    answer text CONSTRAINT clock_change_answer CHECK (answer IN ('agreed', 'declined', 'lapsed')),
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    answer_reason text NOT NULL DEFAULT '',
    -- A suspension counts from when it was asked for, until either side says that its cause is over.
    ended_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    ended_at timestamptz,
    -- The limit as it was, and as it is by this change.
    due_before timestamptz,
    due_after timestamptz,
    revoked_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    revoked_at timestamptz,
    revoke_reason text NOT NULL DEFAULT '',
    CONSTRAINT clock_change_no_once UNIQUE (contract_id, no),
    CONSTRAINT clock_change_of_its_kind CHECK ((kind = 'extension') = (days IS NOT NULL) AND (kind = 'suspension') = (cause <> '')),
    CONSTRAINT clock_change_answered CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (coalesce(answer, '') IN ('agreed', 'declined')) = (answered_by IS NOT NULL)),
    CONSTRAINT clock_change_declined_with_reason CHECK ((coalesce(answer, '') = 'declined') = (answer_reason <> '')),
    CONSTRAINT clock_change_ended CHECK (
        (ended_by IS NULL) = (ended_at IS NULL) AND (ended_at IS NULL OR (kind = 'suspension' AND answer = 'agreed'))),
    CONSTRAINT clock_change_limits CHECK (
        (due_before IS NULL) = (due_after IS NULL)
        AND (due_after IS NOT NULL) = (answer = 'agreed' AND (kind = 'extension' OR ended_at IS NOT NULL))
        OR answer IS NULL AND due_after IS NULL AND due_before IS NULL),
    CONSTRAINT clock_change_revoked CHECK (
        (revoked_by IS NULL) = (revoked_at IS NULL) AND (revoked_at IS NULL) = (revoke_reason = '')
        AND (revoked_at IS NULL OR (kind = 'suspension' AND answer = 'agreed')))
);
-- One thing at a time: nothing is asked while something waits or the clock stands.
CREATE UNIQUE INDEX clock_change_open_once ON clock_change (milestone_id)
    WHERE answer IS NULL OR (kind = 'suspension' AND answer = 'agreed' AND ended_at IS NULL AND revoked_at IS NULL);
CREATE INDEX clock_change_answer_due ON clock_change (answer_due_at) WHERE answer IS NULL;
