-- Bonds as they are asked for, given, claimed and returned; refunds that an owner asks for; what Alipay may say of an account.

-- An owner asks for a bond before its contract is signed. However it is given (frozen at Alipay, held back from the last
-- milestone, guaranteed by a bank), it secures the owner and nobody else.
CREATE TABLE bond_demand (
    id uuid PRIMARY KEY,
    -- The contract's number, and the project it is shown with.
    reference text NOT NULL CONSTRAINT bond_demand_reference_once UNIQUE,
    subject text NOT NULL CONSTRAINT bond_demand_subject CHECK (subject <> ''),
    title text NOT NULL CONSTRAINT bond_demand_title CHECK (title <> ''),
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    beneficiary_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- Beside a bank's guarantee, which is always taken.
    mode text NOT NULL CONSTRAINT bond_demand_mode CHECK (mode IN ('authorisation', 'retention', 'guarantee')),
    amount_fen bigint NOT NULL CONSTRAINT bond_demand_amount CHECK (amount_fen BETWEEN 1 AND 10000000000),
    demanded_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    demanded_at timestamptz NOT NULL,
    -- Once the contract is in force: until when it is to be given, and which payment is held back in its place.
    due_at timestamptz,
    retained_reference text CONSTRAINT bond_demand_retained_once UNIQUE,
    -- Once the contract is performed or ended: when what is left goes back by itself.
    returns_at timestamptz,
    ended text CONSTRAINT bond_demand_ended CHECK (ended IN ('declined', 'waived', 'returned', 'spent', 'void')),
    ended_at timestamptz,
    ended_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    end_reason text NOT NULL DEFAULT '',
    CONSTRAINT bond_demand_between_two CHECK (agency_id <> beneficiary_id),
    CONSTRAINT bond_demand_ended_at CHECK ((ended IS NULL) = (ended_at IS NULL) AND (ended IS NOT NULL OR ended_by IS NULL)),
    CONSTRAINT bond_demand_retained CHECK (retained_reference IS NULL OR mode = 'retention')
);
CREATE INDEX bond_demand_returns ON bond_demand (returns_at) WHERE ended_at IS NULL AND returns_at IS NOT NULL;
CREATE INDEX bond_demand_of_agency ON bond_demand (agency_id);
CREATE INDEX bond_demand_of_beneficiary ON bond_demand (beneficiary_id);

-- A pre-authorisation gives one demand; a demand may see several: a new one takes the place of one that runs out.
ALTER TABLE bond ADD COLUMN demand_id uuid NOT NULL REFERENCES bond_demand (id) ON DELETE RESTRICT;
ALTER TABLE bond ADD COLUMN expired_at timestamptz;
ALTER TABLE bond ADD COLUMN reminded_at timestamptz;
ALTER TABLE bond DROP CONSTRAINT bond_state;
ALTER TABLE bond ADD CONSTRAINT bond_state CHECK (state IN ('asked', 'withdrawn', 'frozen', 'finished', 'expired'));
ALTER TABLE bond ADD CONSTRAINT bond_expired_at CHECK ((state = 'expired') = (expired_at IS NOT NULL));
ALTER TABLE bond ADD CONSTRAINT bond_withdrawn_is_not_frozen CHECK (state <> 'withdrawn' OR frozen_at IS NULL);
CREATE UNIQUE INDEX bond_asked_once ON bond (demand_id) WHERE state = 'asked';
CREATE INDEX bond_of_demand ON bond (demand_id);

-- A bank's guarantee in place of money.
CREATE TABLE bank_guarantee (
    id uuid PRIMARY KEY,
    demand_id uuid NOT NULL REFERENCES bond_demand (id) ON DELETE RESTRICT,
    number text NOT NULL CONSTRAINT bank_guarantee_number CHECK (number <> ''),
    bank text NOT NULL CONSTRAINT bank_guarantee_bank CHECK (bank <> ''),
    amount_fen bigint NOT NULL CONSTRAINT bank_guarantee_amount CHECK (amount_fen > 0),
    valid_until date NOT NULL,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    given_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    given_at timestamptz NOT NULL,
    answer text CONSTRAINT bank_guarantee_answer CHECK (answer IN ('confirmed', 'refused')),
    answer_reason text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    returned_at timestamptz,
    reminded_at timestamptz,
    CONSTRAINT bank_guarantee_answered CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
    CONSTRAINT bank_guarantee_refused_with_reason CHECK ((coalesce(answer, '') = 'refused') = (answer_reason <> '')),
    CONSTRAINT bank_guarantee_returned CHECK (returned_at IS NULL OR coalesce(answer, '') = 'confirmed')
);
CREATE UNIQUE INDEX bank_guarantee_unanswered_once ON bank_guarantee (demand_id) WHERE answer IS NULL;
CREATE INDEX bank_guarantee_of_demand ON bank_guarantee (demand_id);

-- The owner claims a part of the bond: the agency agrees, or the regulator rules.
CREATE TABLE bond_claim (
    id uuid PRIMARY KEY,
    demand_id uuid NOT NULL REFERENCES bond_demand (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT bond_claim_no CHECK (no >= 1),
    amount_fen bigint NOT NULL CONSTRAINT bond_claim_amount CHECK (amount_fen > 0),
    reason text NOT NULL CONSTRAINT bond_claim_reason CHECK (reason <> ''),
    claimed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    claimed_at timestamptz NOT NULL,
    answer text CONSTRAINT bond_claim_answer CHECK (answer IN ('agreed', 'refused')),
    answer_reason text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    granted_fen bigint CONSTRAINT bond_claim_granted CHECK (granted_fen BETWEEN 0 AND amount_fen),
    ruling text NOT NULL DEFAULT '',
    ruled_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    ruled_at timestamptz,
    CONSTRAINT bond_claim_no_once UNIQUE (demand_id, no),
    CONSTRAINT bond_claim_answered CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
    CONSTRAINT bond_claim_refused_with_reason CHECK ((coalesce(answer, '') = 'refused') = (answer_reason <> '')),
    CONSTRAINT bond_claim_ruled CHECK ((ruled_at IS NULL) = (ruled_by IS NULL) AND (ruled_at IS NULL) = (ruling = '')),
    CONSTRAINT bond_claim_granted_by_somebody CHECK ((granted_fen IS NULL) = (ruled_at IS NULL AND coalesce(answer, '') <> 'agreed'))
);
CREATE UNIQUE INDEX bond_claim_open_once ON bond_claim (demand_id) WHERE granted_fen IS NULL;

-- Before the work is accepted the owner may ask for money back; the agency answers.
CREATE TABLE refund_request (
    id uuid PRIMARY KEY,
    payable_id uuid NOT NULL REFERENCES payable (id) ON DELETE RESTRICT,
    payment_id uuid NOT NULL REFERENCES payment (id) ON DELETE RESTRICT,
    amount_fen bigint NOT NULL CONSTRAINT refund_request_amount CHECK (amount_fen > 0),
    reason text NOT NULL CONSTRAINT refund_request_reason CHECK (reason <> ''),
    asked_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    -- "overtaken": the work was accepted, or the money moved otherwise, before the agency answered.
    answer text CONSTRAINT refund_request_answer CHECK (answer IN ('agreed', 'refused', 'withdrawn', 'overtaken')),
    answer_reason text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    instruction_id uuid CONSTRAINT refund_request_instruction_once UNIQUE REFERENCES instruction (id) ON DELETE RESTRICT,
    CONSTRAINT refund_request_answered CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (coalesce(answer, 'overtaken') = 'overtaken') = (answered_by IS NULL)),
    CONSTRAINT refund_request_refused_with_reason CHECK ((coalesce(answer, '') = 'refused') = (answer_reason <> '')),
    CONSTRAINT refund_request_agreed_is_done CHECK ((coalesce(answer, '') = 'agreed') = (instruction_id IS NOT NULL))
);
CREATE UNIQUE INDEX refund_request_open_once ON refund_request (payable_id) WHERE answer IS NULL;
CREATE INDEX refund_request_of_payable ON refund_request (payable_id);

-- Why Alipay refused an account; one that it froze keeps its number, and nothing is paid into it meanwhile.
ALTER TABLE sub_merchant ADD COLUMN refusal text NOT NULL DEFAULT '';
ALTER TABLE sub_merchant DROP CONSTRAINT sub_merchant_state;
ALTER TABLE sub_merchant ADD CONSTRAINT sub_merchant_state CHECK (state IN ('asked', 'reviewing', 'active', 'refused', 'frozen'));
ALTER TABLE sub_merchant DROP CONSTRAINT sub_merchant_active_with_smid;
ALTER TABLE sub_merchant ADD CONSTRAINT sub_merchant_active_with_smid CHECK ((state IN ('active', 'frozen')) = (smid IS NOT NULL));
DROP INDEX sub_merchant_ask;
CREATE INDEX sub_merchant_ask ON sub_merchant (ask_at) WHERE ask_at IS NOT NULL;

ALTER TABLE payment_alarm DROP CONSTRAINT payment_alarm_kind;
ALTER TABLE payment_alarm ADD CONSTRAINT payment_alarm_kind CHECK (kind IN (
    'amount_differs', 'unknown_order', 'not_ours', 'other_trade', 'paid_in_error', 'outcome_unknown', 'rejected',
    'settles_itself', 'settled_itself', 'certificate', 'bond_expires', 'unknown_notify', 'account_frozen'));
ALTER TABLE notify_inbox DROP CONSTRAINT notify_inbox_outcome;
ALTER TABLE notify_inbox ADD CONSTRAINT notify_inbox_outcome CHECK (
    outcome IN ('applied', 'known', 'not_ours', 'unknown_order', 'mismatch', 'of_no_interest', 'unknown_kind'));
