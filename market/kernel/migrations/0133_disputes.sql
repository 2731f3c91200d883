-- A dispute on a milestone of a contract in force: what Alipay holds for it stays held, silence accepts nothing, until both
-- agree or the regulator rules; then the money goes where that says, step by step.

-- Held back for a dispute: apart from `blocked_at`, so that neither a bill that is cleared nor a dispute that ends frees
-- what the other still holds.
ALTER TABLE payable ADD COLUMN disputed_at timestamptz;

ALTER TABLE payment_alarm
    DROP CONSTRAINT payment_alarm_kind,
    ADD CONSTRAINT payment_alarm_kind CHECK (kind IN (
        'amount_differs', 'unknown_order', 'not_ours', 'other_trade', 'paid_in_error', 'outcome_unknown', 'rejected',
        'settles_itself', 'settled_itself', 'certificate', 'bond_expires', 'disputed_for_long'));

-- The owner's time to answer a delivery stands still.
CREATE TABLE acceptance_pause (
    id uuid PRIMARY KEY,
    milestone_id uuid NOT NULL REFERENCES contract_milestone (id) ON DELETE RESTRICT,
    -- The number of what it stands still for.
    reference text NOT NULL CONSTRAINT acceptance_pause_reference CHECK (reference <> ''),
    since timestamptz NOT NULL,
    until timestamptz,
    CONSTRAINT acceptance_pause_period CHECK (until >= since)
);
CREATE UNIQUE INDEX acceptance_pause_open_once ON acceptance_pause (milestone_id) WHERE until IS NULL;

CREATE TABLE dispute (
    id uuid PRIMARY KEY,
    number text NOT NULL CONSTRAINT dispute_number_once UNIQUE,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    milestone_id uuid NOT NULL REFERENCES contract_milestone (id) ON DELETE RESTRICT,
    payable_id uuid NOT NULL REFERENCES payable (id) ON DELETE RESTRICT,
    amount_fen bigint NOT NULL CONSTRAINT dispute_amount CHECK (amount_fen > 0),
    -- Who opened it.
    side text NOT NULL CONSTRAINT dispute_side CHECK (side IN ('owner', 'agency')),
    kind text NOT NULL CONSTRAINT dispute_kind CHECK (kind IN ('quality', 'lateness', 'scope', 'payment', 'other')),
    -- How much of the amount the opener wants to go back to the owner; the rest to the agency.
    claim_fen bigint NOT NULL CONSTRAINT dispute_claim CHECK (claim_fen BETWEEN 0 AND amount_fen),
    statement text NOT NULL CONSTRAINT dispute_statement CHECK (statement <> ''),
    opened_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    opened_at timestamptz NOT NULL,
    -- The register entry of the opening: its receipt.
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    pause_id uuid NOT NULL REFERENCES acceptance_pause (id) ON DELETE RESTRICT,
    answer_due_at timestamptz NOT NULL,
    answer text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    -- Mediation: from the answer, or from the end of the time for one.
    mediation_since timestamptz,
    mediation_due_at timestamptz,
    taken_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    taken_at timestamptz,
    -- Handed to the regulator; by nobody where a time ran out or a side refused.
    referred_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    referred_at timestamptz,
    referral text NOT NULL DEFAULT '' CONSTRAINT dispute_referral CHECK (referral IN ('', 'refused', 'lapsed', 'unmediated', 'failed')),
    referral_reason text NOT NULL DEFAULT '',
    ruling_due_at timestamptz,
    -- The regulator that closed the evidence; nobody else goes on with it.
    authority_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    prepared_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    prepared_at timestamptz,
    heard_due_at timestamptz,
    owner_word text NOT NULL DEFAULT '',
    owner_word_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    owner_word_at timestamptz,
    agency_word text NOT NULL DEFAULT '',
    agency_word_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    agency_word_at timestamptz,
    -- The outcome: what goes back to the owner; the rest is the agency's.
    outcome text CONSTRAINT dispute_outcome CHECK (outcome IN ('agreement', 'ruling')),
    refund_fen bigint CONSTRAINT dispute_refund CHECK (refund_fen BETWEEN 0 AND amount_fen),
    legal_cause text NOT NULL DEFAULT '',
    reasons text NOT NULL DEFAULT '',
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    -- Execution: the refund that Alipay was told, the release it was told, what is owed anew, what the agency owes back.
    refund_id uuid REFERENCES instruction (id) ON DELETE RESTRICT,
    release_id uuid REFERENCES instruction (id) ON DELETE RESTRICT,
    rest_id uuid REFERENCES payable (id) ON DELETE RESTRICT,
    back_fen bigint CONSTRAINT dispute_back CHECK (back_fen > 0),
    back_due_at timestamptz,
    look_at timestamptz,
    executed_at timestamptz,
    withdrawn_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    withdrawn_at timestamptz,
    -- The contract ended by agreement, and with it what was disputed.
    overtaken_at timestamptz,
    CONSTRAINT dispute_answered CHECK (
        (answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer = '')),
    CONSTRAINT dispute_mediated CHECK (
        (mediation_since IS NULL) = (mediation_due_at IS NULL) AND (answered_at IS NULL OR mediation_since IS NOT NULL)),
    CONSTRAINT dispute_taken CHECK (
        (taken_at IS NULL) = (taken_by IS NULL) AND (taken_at IS NULL OR mediation_since IS NOT NULL)),
    CONSTRAINT dispute_referred CHECK (
        (referred_at IS NULL) = (ruling_due_at IS NULL) AND (referred_at IS NULL) = (referral = '')
        AND (referred_at IS NULL OR mediation_since IS NOT NULL)
        AND (referral = 'failed') = (referred_by IS NOT NULL) AND (referral = 'failed') = (referral_reason <> '')),
    CONSTRAINT dispute_prepared CHECK (
        (prepared_at IS NULL) = (prepared_by IS NULL) AND (prepared_at IS NULL) = (heard_due_at IS NULL)
        AND (prepared_at IS NULL) = (authority_id IS NULL) AND (prepared_at IS NULL OR referred_at IS NOT NULL)),
    CONSTRAINT dispute_owner_heard CHECK (
        (owner_word_at IS NULL) = (owner_word_by IS NULL) AND (owner_word_at IS NULL) = (owner_word = '')
        AND (owner_word_at IS NULL OR prepared_at IS NOT NULL)),
    CONSTRAINT dispute_agency_heard CHECK (
        (agency_word_at IS NULL) = (agency_word_by IS NULL) AND (agency_word_at IS NULL) = (agency_word = '')
        AND (agency_word_at IS NULL OR prepared_at IS NOT NULL)),
    CONSTRAINT dispute_decided CHECK (
        (decided_at IS NULL) = (outcome IS NULL) AND (decided_at IS NULL) = (refund_fen IS NULL)),
    CONSTRAINT dispute_ruled CHECK (
        (outcome IS NOT DISTINCT FROM 'ruling') = (decided_by IS NOT NULL) AND (decided_by IS NULL) = (reasons = '')
        AND (decided_by IS NULL) = (legal_cause = '') AND (decided_by IS NULL OR prepared_at IS NOT NULL)),
    CONSTRAINT dispute_carried_out CHECK (
        decided_at IS NOT NULL OR num_nonnulls(refund_id, release_id, rest_id, back_fen, look_at, executed_at) = 0),
    CONSTRAINT dispute_back_due CHECK ((back_fen IS NULL) = (back_due_at IS NULL)),
    CONSTRAINT dispute_looked_at_until_executed CHECK (
        (look_at IS NOT NULL) = (decided_at IS NOT NULL AND executed_at IS NULL)),
    CONSTRAINT dispute_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
    CONSTRAINT dispute_ended_once CHECK (num_nonnulls(decided_at, withdrawn_at, overtaken_at) <= 1)
);
-- One at a time, and what was settled or ruled is not opened again.
CREATE UNIQUE INDEX dispute_once ON dispute (milestone_id) WHERE withdrawn_at IS NULL;
CREATE INDEX dispute_of_contract ON dispute (contract_id, opened_at);
CREATE INDEX dispute_open ON dispute (opened_at) WHERE decided_at IS NULL AND withdrawn_at IS NULL AND overtaken_at IS NULL;
CREATE INDEX dispute_look ON dispute (look_at) WHERE look_at IS NOT NULL;

-- Seen by both sides, the mediator and the regulator, and by nobody else.
CREATE TABLE dispute_evidence (
    id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES dispute (id) ON DELETE RESTRICT,
    side text NOT NULL CONSTRAINT dispute_evidence_side CHECK (side IN ('owner', 'agency')),
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    added_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    added_at timestamptz NOT NULL,
    CONSTRAINT dispute_evidence_once UNIQUE (dispute_id, file_id)
);

-- How it could end by agreement: proposed by the operator, or by one side to the other.
CREATE TABLE dispute_proposal (
    id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES dispute (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT dispute_proposal_no CHECK (no >= 1),
    proposer text NOT NULL CONSTRAINT dispute_proposal_proposer CHECK (proposer IN ('operator', 'owner', 'agency')),
    refund_fen bigint NOT NULL CONSTRAINT dispute_proposal_refund CHECK (refund_fen >= 0),
    reasons text NOT NULL CONSTRAINT dispute_proposal_reasons CHECK (reasons <> ''),
    proposed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    proposed_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    owner_answer text CONSTRAINT dispute_proposal_owner CHECK (owner_answer IN ('accepted', 'refused')),
    owner_answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    owner_answered_at timestamptz,
    agency_answer text CONSTRAINT dispute_proposal_agency CHECK (agency_answer IN ('accepted', 'refused')),
    agency_answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    agency_answered_at timestamptz,
    ended text CONSTRAINT dispute_proposal_ended CHECK (ended IN ('accepted', 'refused', 'lapsed', 'overtaken')),
    ended_at timestamptz,
    CONSTRAINT dispute_proposal_no_once UNIQUE (dispute_id, no),
    CONSTRAINT dispute_proposal_owner_answered CHECK (
        (owner_answer IS NULL) = (owner_answered_by IS NULL) AND (owner_answer IS NULL) = (owner_answered_at IS NULL)),
    CONSTRAINT dispute_proposal_agency_answered CHECK (
        (agency_answer IS NULL) = (agency_answered_by IS NULL) AND (agency_answer IS NULL) = (agency_answered_at IS NULL)),
    CONSTRAINT dispute_proposal_over CHECK ((ended IS NULL) = (ended_at IS NULL)),
    CONSTRAINT dispute_proposal_accepted_by_both CHECK (
        (ended IS NOT DISTINCT FROM 'accepted') = coalesce(owner_answer = 'accepted' AND agency_answer = 'accepted', false))
);
CREATE UNIQUE INDEX dispute_proposal_open_once ON dispute_proposal (dispute_id) WHERE ended IS NULL;
CREATE INDEX dispute_proposal_due ON dispute_proposal (due_at) WHERE ended IS NULL;

-- What the agency says it transferred back, and whether the owner found it.
CREATE TABLE dispute_transfer (
    id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES dispute (id) ON DELETE RESTRICT,
    paid_on date NOT NULL,
    bank_reference text NOT NULL CONSTRAINT dispute_transfer_reference CHECK (bank_reference <> ''),
    stated_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    stated_at timestamptz NOT NULL,
    answer text CONSTRAINT dispute_transfer_answer CHECK (answer IN ('confirmed', 'denied')),
    answer_reason text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    CONSTRAINT dispute_transfer_answered CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
    CONSTRAINT dispute_transfer_denied_with_reason CHECK ((answer IS NOT DISTINCT FROM 'denied') = (answer_reason <> ''))
);
CREATE UNIQUE INDEX dispute_transfer_open_once ON dispute_transfer (dispute_id) WHERE answer IS NULL OR answer = 'confirmed';
