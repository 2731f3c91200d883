-- Ending a contract in force by agreement: one side asks, with cause, reason and what is still paid; the other answers.
CREATE TABLE contract_termination (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT contract_termination_no CHECK (no >= 1),
    cause text NOT NULL CONSTRAINT contract_termination_cause CHECK (cause IN ('agreement', 'force-majeure', 'breach')),
    reason text NOT NULL CONSTRAINT contract_termination_reason CHECK (reason <> ''),
    -- What is paid for work in hand, beside the milestones that were accepted.
    settlement_fen bigint NOT NULL CONSTRAINT contract_termination_settlement CHECK (settlement_fen >= 0),
    side text NOT NULL CONSTRAINT contract_termination_side CHECK (side IN ('owner', 'agency')),
    asked_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    answer_due_at timestamptz NOT NULL,
    answer text CONSTRAINT contract_termination_answer CHECK (answer IN ('agreed', 'declined', 'lapsed')),
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    answer_reason text NOT NULL DEFAULT '',
    CONSTRAINT contract_termination_no_once UNIQUE (contract_id, no),
    CONSTRAINT contract_termination_answered CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (coalesce(answer, '') IN ('agreed', 'declined')) = (answered_by IS NOT NULL)),
    CONSTRAINT contract_termination_declined_with_reason CHECK ((coalesce(answer, '') = 'declined') = (answer_reason <> ''))
);
CREATE UNIQUE INDEX contract_termination_open_once ON contract_termination (contract_id) WHERE answer IS NULL;
CREATE UNIQUE INDEX contract_termination_agreed_once ON contract_termination (contract_id) WHERE answer = 'agreed';
