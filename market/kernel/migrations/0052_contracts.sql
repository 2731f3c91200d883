-- The contract of one award, from its draft to both signatures. (Milestones, money and PDF come beside it.)
CREATE TABLE contract (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    round_id uuid NOT NULL CONSTRAINT contract_once_a_round UNIQUE REFERENCES selection_round (id) ON DELETE RESTRICT,
    number text NOT NULL CONSTRAINT contract_number_once UNIQUE,
    owner_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    price_fen bigint NOT NULL CONSTRAINT contract_price CHECK (price_fen > 0),
    -- The terms filled from the result, as both sides sign them; their SHA-256 is what is signed.
    terms jsonb NOT NULL,
    terms_sha256 text NOT NULL CONSTRAINT contract_terms_sha256 CHECK (terms_sha256 ~ '^[0-9a-f]{64}$'),
    created_at timestamptz NOT NULL,
    sign_due_at timestamptz NOT NULL,
    owner_signed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    owner_signed_at timestamptz,
    agency_signed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    agency_signed_at timestamptz,
    in_force_at timestamptz,
    ended text CONSTRAINT contract_ended CHECK (ended IN ('agency_refused', 'owner_refused', 'lapsed', 'annulled')),
    ended_at timestamptz,
    end_reason text NOT NULL DEFAULT '',
    -- Who refused; a contract that lapsed was ended by nobody.
    ended_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    -- Delivery is due at the end of this day; set when the contract comes into force.
    delivery_due_at timestamptz,
    CONSTRAINT contract_signed_by_somebody CHECK (
        (owner_signed_by IS NULL) = (owner_signed_at IS NULL) AND (agency_signed_by IS NULL) = (agency_signed_at IS NULL)),
    CONSTRAINT contract_in_force_when_both CHECK (
        in_force_at IS NULL OR (owner_signed_at IS NOT NULL AND agency_signed_at IS NOT NULL)),
    CONSTRAINT contract_in_force_is_due CHECK ((in_force_at IS NULL) = (delivery_due_at IS NULL)),
    CONSTRAINT contract_ended_with_time CHECK ((ended IS NULL) = (ended_at IS NULL)),
    CONSTRAINT contract_refused_by_somebody CHECK (
        (coalesce(ended, '') IN ('agency_refused', 'owner_refused')) = (ended_by IS NOT NULL))
);
CREATE UNIQUE INDEX contract_current_once ON contract (project_id) WHERE ended IS NULL;
CREATE INDEX contract_of_project ON contract (project_id);
CREATE INDEX contract_sign_due ON contract (sign_due_at) WHERE in_force_at IS NULL AND ended IS NULL;
CREATE INDEX contract_of_agency ON contract (agency_id);
CREATE INDEX contract_of_owner ON contract (owner_id);
