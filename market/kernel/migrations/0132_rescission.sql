-- The end of a contract by one side, for a recorded ground: a warning with time to cure, a notice with time to object,
-- the regulator's decision on an objection; and the statement of what was done, paid and is still owed.
CREATE TABLE contract_warning (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT contract_warning_no CHECK (no >= 1),
    ground text NOT NULL CONSTRAINT contract_warning_ground CHECK (ground IN ('delivery-overdue', 'payment-overdue')),
    side text NOT NULL CONSTRAINT contract_warning_side CHECK (side = CASE ground WHEN 'delivery-overdue' THEN 'owner' ELSE 'agency' END),
    -- What is overdue: a milestone's delivery or its payment, and since when.
    milestone integer NOT NULL CONSTRAINT contract_warning_milestone CHECK (milestone >= 1),
    overdue_since timestamptz NOT NULL,
    reason text NOT NULL CONSTRAINT contract_warning_reason CHECK (reason <> ''),
    warned_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    warned_at timestamptz NOT NULL,
    cure_due_at timestamptz NOT NULL CONSTRAINT contract_warning_cure CHECK (cure_due_at > warned_at),
    CONSTRAINT contract_warning_no_once UNIQUE (contract_id, no)
);

CREATE TABLE contract_rescission (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT contract_rescission_no CHECK (no >= 1),
    ground text NOT NULL CONSTRAINT contract_rescission_ground CHECK (
        ground IN ('delivery-overdue', 'payment-overdue', 'force-majeure', 'barred')),
    warning_id uuid REFERENCES contract_warning (id) ON DELETE RESTRICT,
    side text NOT NULL CONSTRAINT contract_rescission_side CHECK (side IN ('owner', 'agency')),
    reason text NOT NULL CONSTRAINT contract_rescission_reason CHECK (reason <> ''),
    -- What is paid for work in hand, beside the milestones that were accepted; the regulator may set it.
    settlement_fen bigint NOT NULL CONSTRAINT contract_rescission_settlement CHECK (settlement_fen >= 0),
    notified_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    notified_at timestamptz NOT NULL,
    objection_due_at timestamptz NOT NULL,
    objection text NOT NULL DEFAULT '',
    objected_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    objected_at timestamptz,
    decide_due_at timestamptz,
    decision text CONSTRAINT contract_rescission_decision CHECK (decision IN ('upheld', 'rejected')),
    decision_reason text NOT NULL DEFAULT '',
    decided_settlement_fen bigint CONSTRAINT contract_rescission_decided CHECK (decided_settlement_fen >= 0),
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    -- The regulator (an organisation) for which it was decided.
    decided_for uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    -- in_effect: the contract ended by it; overtaken: it ended otherwise, or was performed
    outcome text CONSTRAINT contract_rescission_outcome CHECK (outcome IN ('in_effect', 'cured', 'withdrawn', 'rejected', 'overtaken')),
    ended_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    ended_at timestamptz,
    CONSTRAINT contract_rescission_no_once UNIQUE (contract_id, no),
    CONSTRAINT contract_rescission_warned CHECK (
        (ground IN ('delivery-overdue', 'payment-overdue')) = (warning_id IS NOT NULL)),
    CONSTRAINT contract_rescission_objected CHECK (
        (objected_at IS NULL) = (objected_by IS NULL) AND (objected_at IS NULL) = (objection = '')
        AND (objected_at IS NULL) = (decide_due_at IS NULL)),
    CONSTRAINT contract_rescission_decided_whole CHECK (
        (decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decided_for IS NULL)
        AND (decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (decision_reason = '')
        AND (decided_at IS NULL OR objected_at IS NOT NULL)
        AND (decided_settlement_fen IS NOT NULL) = (coalesce(decision, '') = 'upheld')),
    CONSTRAINT contract_rescission_ended CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    CONSTRAINT contract_rescission_rejected CHECK ((coalesce(outcome, '') = 'rejected') = (coalesce(decision, '') = 'rejected'))
);
CREATE UNIQUE INDEX contract_rescission_open_once ON contract_rescission (contract_id) WHERE outcome IS NULL;
CREATE UNIQUE INDEX contract_rescission_once ON contract_rescission (contract_id) WHERE outcome = 'in_effect';
CREATE INDEX contract_rescission_due ON contract_rescission (objection_due_at) WHERE outcome IS NULL;

-- What stands at the end of a contract that ended early: its fingerprint is what both sides confirm.
CREATE TABLE contract_settlement (
    contract_id uuid PRIMARY KEY REFERENCES contract (id) ON DELETE RESTRICT,
    statement jsonb NOT NULL,
    sha256 text NOT NULL CONSTRAINT contract_settlement_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    made_at timestamptz NOT NULL,
    owner_confirmed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    owner_confirmed_at timestamptz,
    agency_confirmed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    agency_confirmed_at timestamptz,
    CONSTRAINT contract_settlement_confirmed CHECK (
        (owner_confirmed_by IS NULL) = (owner_confirmed_at IS NULL)
        AND (agency_confirmed_by IS NULL) = (agency_confirmed_at IS NULL))
);
