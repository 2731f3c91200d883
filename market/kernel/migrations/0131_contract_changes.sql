-- Changes and supplements of a contract in force: proposed by one side, accepted and signed by both. The contract stays
-- as it was signed; what stands is the contract with the last change that is in force.
CREATE TABLE contract_change (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT contract_change_no CHECK (no >= 1),
    -- What both sides sign, by its SHA-256: the terms before and after, the reason, the wording.
    terms jsonb NOT NULL,
    terms_sha256 text NOT NULL CONSTRAINT contract_change_sha256 CHECK (terms_sha256 ~ '^[0-9a-f]{64}$'),
    reason text NOT NULL CONSTRAINT contract_change_reason CHECK (reason <> ''),
    -- The whole price by this change, and what it adds to the one before (nothing where it lowers it).
    price_fen bigint NOT NULL CONSTRAINT contract_change_price CHECK (price_fen > 0),
    added_fen bigint NOT NULL CONSTRAINT contract_change_added CHECK (added_fen >= 0),
    proposed_side text NOT NULL CONSTRAINT contract_change_side CHECK (proposed_side IN ('owner', 'agency')),
    proposed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    proposed_at timestamptz NOT NULL,
    answer_due_at timestamptz NOT NULL,
    -- The other side accepts by signing; then the proposer has until here.
    sign_due_at timestamptz,
    owner_signed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    owner_signed_at timestamptz,
    agency_signed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    agency_signed_at timestamptz,
    in_force_at timestamptz,
    -- The limit of the milestone that ran when it came into force, where the change moved it.
    due_before timestamptz,
    due_after timestamptz,
    ended text CONSTRAINT contract_change_ended CHECK (ended IN ('refused', 'withdrawn', 'lapsed')),
    ended_at timestamptz,
    ended_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    end_reason text NOT NULL DEFAULT '',
    CONSTRAINT contract_change_no_once UNIQUE (contract_id, no),
    CONSTRAINT contract_change_signed_by_somebody CHECK (
        (owner_signed_by IS NULL) = (owner_signed_at IS NULL) AND (agency_signed_by IS NULL) = (agency_signed_at IS NULL)),
    CONSTRAINT contract_change_accepted CHECK (
        (sign_due_at IS NOT NULL) = (owner_signed_at IS NOT NULL OR agency_signed_at IS NOT NULL)),
    CONSTRAINT contract_change_in_force_when_both CHECK (
        (in_force_at IS NOT NULL) = (owner_signed_at IS NOT NULL AND agency_signed_at IS NOT NULL)),
    CONSTRAINT contract_change_limits CHECK (
        (due_before IS NULL) = (due_after IS NULL) AND (due_after IS NULL OR in_force_at IS NOT NULL)),
    CONSTRAINT contract_change_ended_at CHECK (
        (ended IS NULL) = (ended_at IS NULL) AND (coalesce(ended, '') IN ('refused', 'withdrawn')) = (ended_by IS NOT NULL)),
    CONSTRAINT contract_change_refused_with_reason CHECK ((coalesce(ended, '') = 'refused') = (end_reason <> '')),
    CONSTRAINT contract_change_one_outcome CHECK (in_force_at IS NULL OR ended IS NULL)
);
CREATE UNIQUE INDEX contract_change_open_once ON contract_change (contract_id) WHERE in_force_at IS NULL AND ended IS NULL;
CREATE INDEX contract_change_waits ON contract_change (answer_due_at) WHERE in_force_at IS NULL AND ended IS NULL;

-- The supplement as a file with both signatures.
CREATE TABLE contract_change_document (
    change_id uuid PRIMARY KEY REFERENCES contract_change (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL CONSTRAINT contract_change_document_file_once UNIQUE REFERENCES stored_file (id) ON DELETE RESTRICT,
    sha256 text NOT NULL CONSTRAINT contract_change_document_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- The text inside: its first bytes, as they were before any signature.
    text_size integer NOT NULL CONSTRAINT contract_change_document_size CHECK (text_size > 0),
    text_sha256 text NOT NULL CONSTRAINT contract_change_document_text CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
    owner_certificate_id uuid NOT NULL REFERENCES signing_certificate (id) ON DELETE RESTRICT,
    agency_certificate_id uuid NOT NULL REFERENCES signing_certificate (id) ON DELETE RESTRICT,
    made_at timestamptz NOT NULL
);

-- The milestones of a contract come to the price that stands.
CREATE OR REPLACE FUNCTION check_contract_milestones() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM contract c JOIN contract_milestone m ON m.contract_id = c.id
               WHERE c.id IN (SELECT contract_id FROM written) GROUP BY c.id
               HAVING sum(m.share) <> 10000 OR sum(m.price_fen) <> coalesce(
                   (SELECT k.price_fen FROM contract_change k WHERE k.contract_id = c.id AND k.in_force_at IS NOT NULL
                    ORDER BY k.no DESC LIMIT 1), c.price_fen)) THEN
        RAISE EXCEPTION 'the milestones of a contract do not come to its price'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_milestone_sum';
    END IF;
    RETURN NULL;
END $$;

-- All supplements together add at most the share of the price that the contract itself names; signed terms are fixed.
CREATE FUNCTION check_contract_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.terms IS DISTINCT FROM OLD.terms OR NEW.terms_sha256 <> OLD.terms_sha256
                             OR NEW.price_fen <> OLD.price_fen OR NEW.added_fen <> OLD.added_fen) THEN
        RAISE EXCEPTION 'change % is written down; its terms are fixed', NEW.no
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_change_is_fixed';
    END IF;
    IF NEW.in_force_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM contract c JOIN contract_change k ON k.contract_id = c.id AND k.in_force_at IS NOT NULL
        WHERE c.id = NEW.contract_id AND c.terms ? 'supplement_max' GROUP BY c.id
        HAVING sum(k.added_fen) * 10000 > c.price_fen * (c.terms ->> 'supplement_max')::bigint) THEN
        RAISE EXCEPTION 'the supplements of contract % add too much', NEW.contract_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_change_limit';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contract_change_limit AFTER INSERT OR UPDATE ON contract_change
    FOR EACH ROW EXECUTE FUNCTION check_contract_change();
